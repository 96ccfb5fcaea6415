import { statedSource } from '../../model/inventory/index.ts';
import type { UncoveredPackage } from '../../model/verdict/index.ts';
import { csvLine } from '../formats/csv.ts';
import type { ManyScan, MergedScan, ScannedTarget } from '../many/scan.ts';
import { signatureFault } from '../signed-verdict.ts';
import { plural } from '../text-table.ts';
import { originCells } from './base-text.ts';
import { ignoredText } from './exceptions-text.ts';
import { fixDate } from './fix-date.ts';
import { flawFacts } from './flaw-facts.ts';
import { type Flaw, ignoredFlaws } from './flaws.ts';
import { fileOf } from './places.ts';
import type { ScanReport } from './report.ts';
import { fixVersion, remedyText } from './words.ts';

const csvColumns = [
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
  'ignored',
  'path',
  'origin',
  'rebuild',
  'fix_date',
] as const;

/**
 * Formats a scan as CSV (RFC 4180) with a line for each verdict, each gap, and what was not judged: its status says so. No cell is a
 * formula for a spreadsheet.
 */
export function* scanCsv(report: ScanReport): Iterable<string> {
  yield csvLine(csvColumns);
  yield* csvRows(report);
}

/** The rows of one image; `first` are the cells before those of every row. */
function* csvRows(report: ScanReport, first: readonly string[] = []): Iterable<string> {
  for (const cells of rowsOf(report)) yield csvLine([...first, ...cells]);
}

function* rowsOf(report: ScanReport): Iterable<string[]> {
  const { gaps, uncovered, unjudged } = report.result;
  for (const flaw of [...report.lines(), ...ignoredFlaws(report.asked, report.shown)]) {
    yield* flawLines(flaw, report);
  }
  const fault = signatureFault(report.result);
  if (fault) yield cellsOf({ status: fault.verdict, title: fault.text }, report);
  for (const { code, where = '', detail = '' } of gaps) {
    // Each of these packages has a row of its own.
    if (code !== 'uncovered_packages') yield cellsOf({ package: where, status: code, title: detail }, report);
  }
  for (const each of uncovered) yield uncoveredCells(each, report);
  for (const { ecosystem, packages } of unjudged) {
    const installed = plural(packages, 'package');
    yield cellsOf({ package: ecosystem, installed, status: 'no_feed' }, report);
  }
}

type Cells = Partial<Record<(typeof csvColumns)[number], string>>;

function cellsOf(cells: Cells, report: ScanReport): string[] {
  const all: Cells = { ...cells, image: report.result.image.reference };
  return csvColumns.map((column) => all[column] ?? '');
}

function uncoveredCells(
  { package: pkg, reason, detail = '' }: UncoveredPackage,
  report: ScanReport,
): string[] {
  const { name, arch, version } = pkg;
  const known = {
    source: statedSource(pkg)?.name ?? '',
    package: name,
    architecture: arch,
    installed: version,
  };
  return cellsOf(
    {
      ...known,
      status: reason,
      title: detail,
      purl: report.names.purl(pkg),
      path: fileOf(pkg, report.result) ?? '',
    },
    report,
  );
}

function* flawLines(flaw: Flaw, report: ScanReport): Iterable<string[]> {
  const { known, score, page, links } = flawFacts(report, flaw);
  const { layers } = report.result.image;
  for (const verdict of flaw.verdicts) {
    const { package: pkg } = verdict;
    const layer = pkg.layer === undefined ? undefined : layers[pkg.layer];
    const [origin, rebuild] = originCells(verdict);
    const cells: Cells = {
      vulnerability: verdict.vulnerability,
      severity: verdict.severity,
      cvss: score === undefined ? '' : String(score.score),
      source: pkg.source.name,
      package: pkg.name,
      architecture: pkg.arch,
      installed: pkg.version,
      fixed: fixVersion(verdict) ?? '',
      status: verdict.status,
      fix_state: verdict.fixState ?? '',
      advisories: verdict.advisories.join(' '),
      published: known?.published?.slice(0, 10) ?? '',
      layer: layer?.diffId ?? layer?.digest ?? '',
      title: known?.title ?? '',
      remedy: remedyText({ ...flaw, verdicts: [verdict] }),
      link: page ?? links[0] ?? '',
      purl: report.names.purl(pkg),
      path: fileOf(pkg, report.result) ?? '',
      ignored: verdict.ignored === undefined ? '' : ignoredText(verdict.ignored),
      origin,
      rebuild,
      fix_date: fixDate(verdict, report.facts.advisory) ?? '',
    };
    yield cellsOf(cells, report);
  }
}

/** The lines of all images, after a column with what each was given as. */
export const mergedCsv: MergedScan = {
  part: (report, { target }) => csvRows(report, [target]),
  whole,
};

function* whole({ targets }: ManyScan): Iterable<string> {
  yield csvLine(['target', ...csvColumns]);
  for (const target of targets) {
    if (target.error) yield errorLine(target);
    yield* target.part();
  }
}

/** A line for the error: no line would read as clean. */
function errorLine({ target, error }: ScannedTarget): string {
  const values = {
    status: 'not_scanned',
    title: `${error?.code}: ${error?.message}`,
    remedy: error?.remedy ?? '',
  };
  const cells: Partial<Record<string, string>> = values;
  return csvLine([target, ...csvColumns.map((column) => cells[column] ?? '')]);
}
