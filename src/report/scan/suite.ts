import { documentDate } from '../../model/data-date.ts';
import { openGaps } from '../../model/verdict/index.ts';
import { noteText } from '../note-text.ts';
import { signatureFault } from '../signed-verdict.ts';
import type { ReportTest, TestSuite } from '../subject.ts';
import { unjudgedText } from '../unjudged-text.ts';
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
 * A test for each flaw, which fails if the policy does, or without a policy always. A test has no version in its name: it stays
 * the same test when the package changes. A suite is never empty. What was not judged is an error, or skipped where the policy
 * accepts it.
 */
export function scanSuite({ report }: { report: ScanReport }): TestSuite {
  const { result, asked, shown, facts, name } = report;
  const { image, platform, inventory } = result;
  const found = [
    ...coverageTests(report),
    ...[...report.flaws(), ...ignoredFlaws(asked, shown)].map((flaw) => flawTest(flaw, report)),
  ];
  return {
    command: 'scan',
    name,
    labels: [
      ['image', image.reference],
      ['digest', image.digest],
      ['platform', platform.id],
      ['vendorData', documentDate(platform.updated)],
      ['feed', facts.digest()],
    ],
    tests: found.length > 0 ? found : [{ group: 'scapfeed', title: 'no flaw and no gap' }],
    remarks: [
      unseenText(report) ?? [],
      unjudgedText(result.unjudged) ?? [],
      basesText(result),
      originsText(report.counts().origins, result),
      inventory.notes.map(noteText),
    ].flat(),
  };
}

function coverageTests({ result, policy }: ScanReport): ReportTest[] {
  const open = new Set(openGaps(result.gaps, policy.allowUncovered));
  const fault = signatureFault(result);
  const unjudged = unjudgedCount(policy);
  return [
    ...(fault ? [coverageTest('signatures', fault.isUnknown ? 'error' : 'failure', fault.text)] : []),
    ...result.gaps.map((gap) => {
      const { code, where, detail } = gap;
      const message = where === undefined ? detail : `${where}: ${detail}`;
      if (open.has(gap)) return coverageTest(code, 'error', message);
      return coverageTest(code, 'skipped', `${message} (accepted by --allow-uncovered)`);
    }),
    ...(unjudged === undefined
      ? []
      : [coverageTest('unjudged_packages', policy.failOnUnjudged ? 'failure' : 'skipped', unjudged)]),
  ];
}

/** A test for something that was not judged. */
function coverageTest(
  title: string,
  outcome: NonNullable<ReportTest['outcome']>,
  message: string,
): ReportTest {
  const type = outcome === 'skipped' ? undefined : title;
  return { group: 'scapfeed.coverage', title, outcome, message, type };
}

function flawTest(flaw: Flaw, report: ScanReport): ReportTest {
  const { vulnerability: title, severity, package: pkg, ignored } = flaw.verdict;
  const group = pkg.source.name;
  const message = `${severity}: ${group} ${pkg.source.version}, ${stateText(flaw.verdict)}`;
  if (flaw.verdicts.some(report.fails)) {
    const details = () => detailsOf(flaw, report);
    return { group, title, outcome: 'failure', message, type: severity, details };
  }
  const why = ignored === undefined ? 'the policy does not fail for it' : ignoredText(ignored);
  return { group, title, outcome: 'skipped', message: `${message}; ${why}` };
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
