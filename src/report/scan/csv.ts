import { printable } from '../printable.ts';
import { flawFacts } from './flaw-facts.ts';
import { type Flaw, flawsOf } from './flaws.ts';
import type { ScanReport } from './report.ts';
import { fixVersion, remedyText } from './words.ts';

const columns = [
  'vulnerability',
  'severity',
  'cvss',
  'source',
  'package',
  'architecture',
  'installed',
  'fixed',
  'status',
  'fix_state',
  'advisories',
  'published',
  'layer',
  'title',
  'remedy',
  'link',
  'purl',
  'image',
] as const;

/** Formats a scan as CSV (RFC 4180) with a line for each verdict. No cell is a formula for a spreadsheet. */
export function* scanCsv(report: ScanReport): Iterable<string> {
  yield csvLine(columns);
  for (const flaw of flawsOf(report.shown)) yield* flawLines(flaw, report);
}

function* flawLines(flaw: Flaw, report: ScanReport): Iterable<string> {
  const { known, score, page, links } = flawFacts(report, flaw);
  const { layers, reference } = report.result.image;
  for (const verdict of flaw.verdicts) {
    const { package: pkg } = verdict;
    const layer = pkg.layer === undefined ? undefined : layers[pkg.layer];
    yield csvLine([
      verdict.vulnerability,
      verdict.severity,
      score === undefined ? '' : String(score.score),
      pkg.source.name,
      pkg.name,
      pkg.arch,
      pkg.version,
      fixVersion(verdict) ?? '',
      verdict.status,
      verdict.fixState ?? '',
      verdict.advisories.join(' '),
      known?.published?.slice(0, 10) ?? '',
      layer?.diffId ?? layer?.digest ?? '',
      known?.title ?? '',
      remedyText({ ...flaw, verdicts: [verdict] }),
      page ?? links[0] ?? '',
      report.names.purl(pkg),
      reference,
    ]);
  }
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Spreadsheets take what begins with one of these for a formula; an apostrophe makes it text. */
const formula = /^[\s]*[=+\-@\uff0b\uff0d\uff1d\uff20]/;

/** Half of a character, which UTF-8 cannot hold. */
const loneSurrogate = /\p{Surrogate}/gu;

function csvCell(text: string): string {
  const shown = printable(text).replace(loneSurrogate, '\ufffd');
  const tame = formula.test(shown) ? `'${shown}` : shown;
  return /[",]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}
