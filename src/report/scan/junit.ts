import { escapeXmlLines } from '../../model/index.ts';
import { noteText } from '../note-text.ts';
import { line } from '../printable.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { xml, xmlHead } from '../xml-text.ts';
import { ignoredText } from './exceptions-text.ts';
import { flawFacts } from './flaw-facts.ts';
import { type Flaw, flawsOf, ignoredFlaws, packageNames } from './flaws.ts';
import type { ScanReport } from './report.ts';
import { remedyText, stableImageName, stateText } from './words.ts';

/**
 * Formats a scan as JUnit XML: a test case for each flaw, which fails if the policy does, or without a policy always. A test
 * has no version in its name: it stays the same test when the package changes. A suite is never empty.
 */
export function* scanJunit(report: ScanReport): Iterable<string> {
  const { result, asked, shown, policy } = report;
  const flaws = [...flawsOf(shown), ...ignoredFlaws(asked, shown)];
  const failing = flaws.filter(({ verdict }) => report.fails(verdict)).length;
  const gaps = result.gaps.filter(({ code }) => code !== 'uncovered_packages' || !policy.allowUncovered);
  const isFine = flaws.length === 0 && gaps.length === 0;
  const names = new Set<string>();
  const attributes = {
    name: stableImageName(result.image.reference),
    tests: String(flaws.length + gaps.length + (isFine ? 1 : 0)),
    failures: String(failing),
    errors: String(gaps.length),
    skipped: String(flaws.length - failing),
  };
  const [open, close] = xml('testsuite', attributes, '\n').split('\n') as [string, string];
  yield `${xmlHead}<testsuites name="scapfeed scan">\n${open}\n`;
  yield `${xml('properties', {}, ...properties(report))}\n`;
  for (const { code, where, detail } of gaps) {
    const message = where === undefined ? detail : `${where}: ${detail}`;
    yield testCase('scapfeed.coverage', code, names, xml('error', { message, type: code }));
  }
  for (const flaw of flaws) yield flawCase(flaw, report, names);
  if (isFine) yield testCase('scapfeed', 'no flaw and no gap', names, '');
  const unjudged = unjudgedText(result.unjudged) ?? [];
  const notes = [unjudged, result.inventory.notes.map(noteText)].flat().map(line).join('');
  if (notes !== '') yield `${xml('system-out', {}, escapeXmlLines(notes))}\n`;
  yield `${close}\n</testsuites>\n`;
}

function properties({ result, facts }: ScanReport): string[] {
  const values = {
    image: result.image.reference,
    digest: result.image.digest,
    platform: result.platform.id,
    vendorData: result.platform.updated,
    feed: facts.digest(),
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [xml('property', { name, value })],
  );
}

function flawCase(flaw: Flaw, report: ScanReport, names: Set<string>): string {
  const { vulnerability, severity, package: pkg } = flaw.verdict;
  const message = `${severity}: ${pkg.source.name} ${pkg.source.version}, ${stateText(flaw.verdict)}`;
  const { ignored } = flaw.verdict;
  const why = ignored === undefined ? 'the policy does not fail for it' : ignoredText(ignored);
  const outcome = report.fails(flaw.verdict)
    ? xml('failure', { message, type: severity }, escapeXmlLines(detailsOf(flaw, report)))
    : xml('skipped', { message: `${message}; ${why}` });
  return testCase(pkg.source.name, vulnerability, names, outcome);
}

function detailsOf(flaw: Flaw, report: ScanReport): string {
  const { known, links } = flawFacts(report, flaw);
  const packages = packageNames(flaw).join(', ');
  return [known?.title, `packages: ${packages}`, remedyText(flaw), ...links]
    .filter((text) => text !== undefined)
    .join('\n');
}

/** Class and name are what a CI system knows a test by. */
function testCase(classname: string, wanted: string, names: Set<string>, outcome: string): string {
  let name = wanted;
  for (let nth = 2; names.has(`${classname}\n${name}`); nth++) name = `${wanted} (${nth})`;
  names.add(`${classname}\n${name}`);
  return `${xml('testcase', { classname, name, time: '0' }, outcome)}\n`;
}
