import { type ComplianceResult, type ComplianceRule, complianceDoubt } from '../../model/index.ts';
import { noteLine } from '../note-text.ts';
import {
  inMarkdown,
  type SarifLevel,
  type SarifNotification,
  type SarifResult,
  type SarifRule,
  type SarifRun,
  sarifLog,
  sarifUri,
} from '../sarif/log.ts';
import { sarifSeverities } from '../sarif/severity.ts';
import { signatureNotification } from '../sarif/signature-notification.ts';
import { ignoredText } from '../scan/exceptions-text.ts';
import { stableImageName } from '../scan/words.ts';
import { plural } from '../text-table.ts';

/** XCCDF has three severities, and words for none of them, which are a note. */
const severities: Readonly<Record<string, { level: SarifLevel; number?: number }>> = {
  high: sarifSeverities.high,
  medium: sarifSeverities.medium,
  low: sarifSeverities.low,
};

/** Formats an evaluation as SARIF 2.1.0: a result for each rule that failed, and an open one where it could not be judged. */
export function complianceSarif(
  result: ComplianceResult,
  name: string = stableImageName(result.image.reference),
): Iterable<string> {
  return sarifLog(complianceRun(result, name));
}

/** The run of one image; several images have one each. */
export function complianceRun(result: ComplianceResult, name: string): SarifRun {
  const profile = result.profile?.id ?? 'default';
  return {
    toolVersion: result.tool.version,
    category: `scapfeed-comply/${name}/${profile}`,
    results: resultsOf(result, name),
    notifications: notificationsOf(result),
    properties: {
      image: result.image.reference,
      ...(result.image.digest === undefined ? {} : { imageDigest: result.image.digest }),
      benchmark: result.benchmark.id,
      benchmarkVersion: result.benchmark.version,
      profile,
      contentSha256: result.content.sha256,
      counts: result.counts,
      scores: result.scores,
    },
  };
}

function* resultsOf({ rules }: ComplianceResult, name: string): Iterable<SarifResult> {
  const told = rules.filter(({ result }) => ['fail', 'error', 'unknown'].includes(result)).sort(worstFirst);
  for (const rule of told) {
    const failed = rule.result === 'fail';
    const level = severities[rule.severity]?.level ?? 'note';
    const place = rule.evidence.flatMap(({ found }) => found)[0]?.place;
    yield {
      rule: ruleOf(rule, level),
      level: failed ? level : 'none',
      kind: failed ? 'fail' : 'open',
      message: messageOf(rule),
      uri: sarifUri(name, place?.startsWith('/') ? place : 'image'),
      logical: [{ name: rule.title, fullName: rule.id, kind: 'module' }],
      identity: [rule.id, name],
      ...(rule.waived === undefined ? {} : { suppressed: ignoredText(rule.waived) }),
      properties: { result: rule.result, severity: rule.severity },
    };
  }
}

function worstFirst(a: ComplianceRule, b: ComplianceRule): number {
  const weight = ({ result, severity }: ComplianceRule) =>
    (result === 'fail' ? 100 : 0) + (severities[severity]?.number ?? 0);
  return weight(b) - weight(a);
}

function ruleOf(rule: ComplianceRule, level: SarifLevel): SarifRule {
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

function notificationsOf(result: ComplianceResult): SarifNotification[] {
  const { counts, unfinished, notes = [] } = result;
  const doubt = complianceDoubt(result);
  const unjudged = (counts['error'] ?? 0) + (counts['unknown'] ?? 0);
  return [
    ...signatureNotification(result),
    ...(doubt === undefined ? [] : [{ level: 'error', id: 'not-applicable', text: doubt } as const]),
    ...(unfinished === undefined ? [] : [{ level: 'error', id: 'unfinished', text: unfinished } as const]),
    ...(unjudged > 0
      ? [
          {
            level: 'warning',
            id: 'not-judged',
            text: `${plural(unjudged, 'rule')} ended as error or unknown`,
          } as const,
        ]
      : []),
    ...notes.map((note): SarifNotification => ({ level: 'note', id: note.code, text: noteLine(note) })),
  ];
}
