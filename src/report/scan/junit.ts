import { documentDate, escapeXmlLines, openGaps } from '../../model/index.ts';
import { noteText } from '../note-text.ts';
import { line } from '../printable.ts';
import { signatureFault } from '../signed-verdict.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { xml, xmlHead } from '../xml-text.ts';
import { basesText, baseText, originsText } from './base-text.ts';
import { ignoredText } from './exceptions-text.ts';
import { fixDate } from './fix-date.ts';
import { flawFacts } from './flaw-facts.ts';
import { type Flaw, ignoredFlaws, packageNames } from './flaws.ts';
import { unjudgedCount } from './left-open.ts';
import { filesOf } from './places.ts';
import type { ScanReport } from './report.ts';
import { unseenText } from './unseen-text.ts';
import { remedyText, stateText } from './words.ts';

/**
 * Formats a scan as JUnit XML: a test case for each flaw, which fails if the policy does, or without a policy always. A test
 * has no version in its name: it stays the same test when the package changes. A suite is never empty. What was not judged is an
 * error, or skipped where the policy accepts it.
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
  const { result, asked, shown } = report;
  const flaws = [...report.flaws(), ...ignoredFlaws(asked, shown)];
  const failing = flaws.filter(({ verdicts }) => verdicts.some(report.fails)).length;
  const coverage = coverageTests(report);
  const outcomes = coverage.map(({ outcome }) => outcome);
  const count = (outcome: CoverageTest['outcome']) => outcomes.filter((each) => each === outcome).length;
  const isFine = flaws.length + coverage.length === 0;
  const names: Names = { prefix, taken: new Set() };
  const attributes = {
    name: report.name,
    tests: String(flaws.length + coverage.length + (isFine ? 1 : 0)),
    failures: String(failing + count('failure')),
    errors: String(count('error')),
    skipped: String(flaws.length - failing + count('skipped')),
  };
  const [open, close] = xml('testsuite', attributes, '\n').split('\n') as [string, string];
  yield `${open}\n`;
  yield `${xml('properties', {}, ...properties(report))}\n`;
  for (const { name, outcome, message } of coverage) {
    const type = outcome === 'skipped' ? undefined : name;
    yield testCase('scapfeed.coverage', name, names, xml(outcome, { message, type }));
  }
  for (const flaw of flaws) yield flawCase(flaw, report, names);
  if (isFine) yield testCase('scapfeed', 'no flaw and no gap', names, '');
  const unjudged = unjudgedText(result.unjudged) ?? [];
  const bases = [...basesText(result), ...originsText(report.counts().origins, result)];
  const notes = [unseenText(report) ?? [], unjudged, bases, result.inventory.notes.map(noteText)]
    .flat()
    .map(line)
    .join('');
  if (notes !== '') yield `${xml('system-out', {}, escapeXmlLines(notes))}\n`;
  yield `${close}\n`;
}

/** A test for something that was not judged. */
interface CoverageTest {
  name: string;
  outcome: 'error' | 'failure' | 'skipped';
  message: string;
}

function coverageTests({ result, policy }: ScanReport): CoverageTest[] {
  const open = new Set(openGaps(result.gaps, policy.allowUncovered));
  const gaps = result.gaps.map((gap): CoverageTest => {
    const { code: name, where, detail } = gap;
    const message = where === undefined ? detail : `${where}: ${detail}`;
    if (open.has(gap)) return { name, outcome: 'error', message };
    return { name, outcome: 'skipped', message: `${message} (accepted by --allow-uncovered)` };
  });
  const fault = signatureFault(result);
  const unjudged = unjudgedCount(policy);
  return [
    ...(fault
      ? [
          {
            name: 'signatures',
            outcome: fault.isUnknown ? 'error' : 'failure',
            message: fault.text,
          } satisfies CoverageTest,
        ]
      : []),
    ...gaps,
    ...(unjudged === undefined
      ? []
      : [
          {
            name: 'unjudged_packages',
            outcome: policy.failOnUnjudged ? 'failure' : 'skipped',
            message: unjudged,
          } satisfies CoverageTest,
        ]),
  ];
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
  const files = filesOf(flaw, report.result).map((file) => `file: ${file}`);
  const date = fixDate(flaw.verdict, report.facts.advisory);
  const fixed = date === undefined ? [] : [`fixed since ${date}`];
  return [
    known?.title,
    `packages: ${packages}`,
    ...files,
    remedyText(flaw),
    ...fixed,
    baseText(flaw),
    ...links,
  ]
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
