import { documentDate, escapeXmlLines, openGaps } from '../../model/index.ts';
import { noteText } from '../note-text.ts';
import { line } from '../printable.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { xml, xmlHead } from '../xml-text.ts';
import { ignoredText } from './exceptions-text.ts';
import { flawFacts } from './flaw-facts.ts';
import { type Flaw, ignoredFlaws, packageNames } from './flaws.ts';
import type { ScanReport } from './report.ts';
import { unseenText } from './unseen-text.ts';
import { remedyText, stateText } from './words.ts';

/**
 * Formats a scan as JUnit XML: a test case for each flaw, which fails if the policy does, or without a policy always. A test
 * has no version in its name: it stays the same test when the package changes. A suite is never empty.
 */
export function* scanJunit(report: ScanReport): Iterable<string> {
  yield junitHead;
  yield* junitSuite(report);
  yield junitFoot;
}

export const junitHead = `${xmlHead}<testsuites name="scapfeed scan">\n`;
export const junitFoot = '</testsuites>\n';

/** The suite of one image. `prefix` precedes its classes, and so distinguishes its tests from those of other images. */
export function* junitSuite(report: ScanReport, prefix = ''): Iterable<string> {
  const { result, asked, shown, policy } = report;
  const flaws = [...report.flaws(), ...ignoredFlaws(asked, shown)];
  const failing = flaws.filter(({ verdicts }) => verdicts.some(report.fails)).length;
  const gaps = openGaps(result.gaps, policy.allowUncovered);
  const isFine = flaws.length === 0 && gaps.length === 0;
  const names: Names = { prefix, taken: new Set() };
  const attributes = {
    name: report.name,
    tests: String(flaws.length + gaps.length + (isFine ? 1 : 0)),
    failures: String(failing),
    errors: String(gaps.length),
    skipped: String(flaws.length - failing),
  };
  const [open, close] = xml('testsuite', attributes, '\n').split('\n') as [string, string];
  yield `${open}\n`;
  yield `${xml('properties', {}, ...properties(report))}\n`;
  for (const { code, where, detail } of gaps) {
    const message = where === undefined ? detail : `${where}: ${detail}`;
    yield testCase('scapfeed.coverage', code, names, xml('error', { message, type: code }));
  }
  for (const flaw of flaws) yield flawCase(flaw, report, names);
  if (isFine) yield testCase('scapfeed', 'no flaw and no gap', names, '');
  const unjudged = unjudgedText(result.unjudged) ?? [];
  const notes = [unseenText(report) ?? [], unjudged, result.inventory.notes.map(noteText)]
    .flat()
    .map(line)
    .join('');
  if (notes !== '') yield `${xml('system-out', {}, escapeXmlLines(notes))}\n`;
  yield `${close}\n`;
}

function properties({ result, facts }: ScanReport): string[] {
  const values = {
    image: result.image.reference,
    digest: result.image.digest,
    platform: result.platform.id,
    vendorData: documentDate(result.platform.updated),
    feed: facts.digest(),
  };
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [xml('property', { name, value })],
  );
}

function flawCase(flaw: Flaw, report: ScanReport, names: Names): string {
  const { vulnerability, severity, package: pkg } = flaw.verdict;
  const message = `${severity}: ${pkg.source.name} ${pkg.source.version}, ${stateText(flaw.verdict)}`;
  const { ignored } = flaw.verdict;
  const why = ignored === undefined ? 'the policy does not fail for it' : ignoredText(ignored);
  const outcome = flaw.verdicts.some(report.fails)
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

/** Names of tests that are taken, and what stands before every class. */
interface Names {
  prefix: string;
  taken: Set<string>;
}

/** Class and name are what a CI system knows a test by. */
function testCase(of: string, wanted: string, { prefix, taken }: Names, outcome: string): string {
  const classname = `${prefix}${of}`;
  let name = wanted;
  for (let nth = 2; taken.has(`${classname}\n${name}`); nth++) name = `${wanted} (${nth})`;
  taken.add(`${classname}\n${name}`);
  return `${xml('testcase', { classname, name, time: '0' }, outcome)}\n`;
}
