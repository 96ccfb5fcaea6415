import { type ComplianceResult, type ComplianceRule, complianceDoubt } from '../../model/compliance/index.ts';
import { omittedLine } from '../eval/evidence-text.ts';
import { entryTest, platformTest, signatureTests } from '../formats/junit.ts';
import { inMarkdown } from '../formats/markdown.ts';
import { noteText } from '../note-text.ts';
import { ignoredText } from '../scan/exceptions-text.ts';
import { stableImageName } from '../scan/words.ts';
import {
  type EntryLevel,
  type EntryRule,
  imageFacts,
  notice,
  noticesOf,
  type ReportEntry,
  type ReportSubject,
  severityLevels,
  type TestSuite,
} from '../subject.ts';
import { plural } from '../text-table.ts';

/** XCCDF has three severities, and words for none of them, which are a note. */
const severities: Readonly<Record<string, { level: EntryLevel; number?: number }>> = {
  high: severityLevels.high,
  medium: severityLevels.medium,
  low: severityLevels.low,
};

/** A result, and the name by which CI systems identify its image. */
interface NamedCompliance {
  result: ComplianceResult;
  name?: string;
}

/** An entry for each evaluated rule, which is open where it could not be judged. */
export function complianceSubject({
  result,
  name = stableImageName(result.image.reference),
}: NamedCompliance): ReportSubject {
  const profile = result.profile?.id ?? 'default';
  const { tool, image, benchmark, content, counts, scores } = result;
  const unjudged = (counts['error'] ?? 0) + (counts['unknown'] ?? 0);
  const unjudgedText = unjudged > 0 ? `${plural(unjudged, 'rule')} ended as error or unknown` : undefined;
  return {
    toolVersion: tool.version,
    name,
    category: `scapfeed-comply/${name}/${profile}`,
    entries: entriesOf(result),
    worstFirst: (a, b) => weightOf(b) - weightOf(a),
    notices: noticesOf(result, complianceDoubt(result), notice('warning', 'not-judged', unjudgedText)),
    facts: {
      ...imageFacts(image),
      benchmark: benchmark.id,
      benchmarkVersion: benchmark.version,
      profile,
      contentSha256: content.sha256,
      counts,
      scores,
    },
  };
}

/** A test for each evaluated rule, and one for the content's own platform check. */
export function complianceSuite({
  result,
  name = stableImageName(result.image.reference),
}: NamedCompliance): TestSuite {
  const { benchmark, profile, time, image, notes = [], unfinished } = result;
  return {
    command: 'comply',
    name,
    title: profile?.title ?? benchmark.title,
    evaluated: { time, reference: image.reference },
    tests: [
      platformTest(benchmark.id, complianceDoubt(result)),
      ...signatureTests(result),
      ...entriesOf(result).map(entryTest),
    ],
    remarks: notes.map(noteText),
    unfinished,
  };
}

function entriesOf({ rules }: ComplianceResult): ReportEntry[] {
  return rules.filter(({ result }) => result !== 'notselected').map(entryOf);
}

function weightOf({ state, severity }: ReportEntry): number {
  return (state === 'failed' ? 100 : 0) + (severities[severity]?.number ?? 0);
}

function entryOf(rule: ComplianceRule): ReportEntry {
  const level = severities[rule.severity]?.level ?? 'note';
  const place = rule.evidence.flatMap(({ found }) => found)[0]?.place;
  return {
    ruleId: rule.id,
    rule: () => ruleOf(rule, level),
    state: states[rule.result] ?? 'skipped',
    severity: rule.severity,
    level,
    message: messageOf(rule),
    ...(place?.startsWith('/') && { path: place }),
    places: [{ name: rule.title, fullName: rule.id, kind: 'module' }],
    identity: [rule.id],
    ...(rule.waived === undefined ? {} : { accepted: ignoredText(rule.waived) }),
    properties: { result: rule.result, severity: rule.severity },
    test: {
      title: rule.title,
      reason: rule.message ?? rule.waived?.reason ?? rule.result,
      evidence: () => evidenceText(rule),
    },
  };
}

function evidenceText({ evidence, omittedTests }: ComplianceRule): string {
  const lines = evidence.flatMap(({ comment, test, result, found, searched = [] }) => [
    `${result}: ${comment ?? test}`,
    ...(searched.length > 0 ? [`  nothing found; searched: ${searched.join(', ')}`] : []),
    ...found.map(({ place, line, value }) =>
      `  ${place}${line === undefined ? '' : `:${line}`} ${value ?? ''}`.trimEnd(),
    ),
  ]);
  return [...lines, ...omittedLine(omittedTests)].join('\n');
}

const states: Readonly<Record<string, ReportEntry['state']>> = {
  fail: 'failed',
  error: 'open',
  unknown: 'open',
  pass: 'passed',
  fixed: 'passed',
};

function ruleOf(rule: ComplianceRule, level: EntryLevel): EntryRule {
  const description = plain(rule.description ?? '') || rule.title;
  const fixes = rule.fixes.map(({ text }) => text);
  const links = rule.references.flatMap(({ href }) => (href?.startsWith('http') ? [href] : []));
  const number = severities[rule.severity]?.number;
  return {
    id: rule.id,
    short: rule.title || rule.id,
    full: description || rule.id,
    help: {
      text: [description, plain(rule.rationale ?? ''), ...fixes].filter((part) => part !== '').join('\n\n'),
      markdown: [
        inMarkdown(description),
        inMarkdown(plain(rule.rationale ?? '')),
        ...rule.references.map(({ text }) => `- ${inMarkdown(text)}`),
      ]
        .filter((part) => part !== '')
        .join('\n\n'),
    },
    level,
    ...(links[0] === undefined ? {} : { helpUri: links[0] }),
    tags: ['security', 'compliance', rule.severity],
    ...(number === undefined ? {} : { securitySeverity: number }),
  };
}

function messageOf({ title, result, message, evidence }: ComplianceRule): string {
  const reasons = evidence.flatMap(({ comment, test, result: outcome, found }) =>
    outcome === 'true'
      ? []
      : [
          `${comment ?? test}: ${found.length === 0 ? 'nothing found' : found.map(({ place }) => place).join(', ')}`,
        ],
  );
  return [`${title}: ${result}`, message, ...reasons.slice(0, 5)]
    .filter((part) => part !== undefined)
    .join('\n');
}

/** Text of the safe HTML that descriptions are. */
function plain(html: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => entities[name]!)
    .replace(/\s+/g, ' ')
    .trim();
}
