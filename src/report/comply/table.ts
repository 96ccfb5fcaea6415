import { type ComplianceResult, type ComplianceRule, isUnrunScript } from '../../model/compliance/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { policyLines } from '../policy-text.ts';
import { line as textLine } from '../printable.ts';
import { signatureFault } from '../signed-verdict.ts';
import { plural } from '../text-table.ts';

const order = ['fail', 'error', 'unknown', 'notchecked', 'pass', 'informational'];
const counted = [...order, 'fixed', 'notapplicable'];
const severities = ['high', 'medium', 'low', 'info', 'unknown'];
const colors: Readonly<Record<string, string>> = { fail: '31', error: '35', unknown: '33', pass: '32' };

/** Formats a table: the failed rules by severity with what was found, then counts and score. */
export function complianceTable(
  result: ComplianceResult,
  { color, all }: { color: boolean; all: boolean },
): string {
  const shown = result.rules
    .filter((rule) => order.includes(rule.result) && (all || rule.result !== 'pass'))
    .sort(byWeight);
  const rules = shown.map((rule) => ruleText(rule, color)).join('');
  return [
    ...headLines(result).map(textLine),
    '\n',
    rules === '' ? '' : `${rules}\n`,
    ...footLines(result).map(textLine),
  ].join('');
}

function headLines({ benchmark, profile, image }: ComplianceResult): string[] {
  return [
    `${profile?.title ?? 'benchmark defaults'}`,
    `${benchmark.title} ${benchmark.version} on ${image.reference}`,
  ];
}

function ruleText(rule: ComplianceRule, color: boolean): string {
  const word = rule.result.padEnd(13);
  const deciding = rule.result === 'fail' ? rule.evidence.filter(failing).slice(0, 3) : [];
  const lines = [
    `${word} ${rule.severity.padEnd(8)} ${rule.title}`,
    ...reasons(rule).map((reason) => `               ${reason}`),
    ...deciding.flatMap(({ found, expected, count, searched = [] }) =>
      found.length === 0
        ? [
            `               expected: ${expected.join(', ')}; found nothing`,
            ...(searched.length > 0 ? [`               searched: ${searched.join(', ')}`] : []),
          ]
        : found.slice(0, 2).map(({ place, line, value }) => {
            const at = line === undefined ? place : `${place}:${line}`;
            return `               ${at} ${value ?? ''}${count > 2 ? ` (of ${count})` : ''}`.trimEnd();
          }),
    ),
  ];
  const text = lines.map(textLine).join('');
  const code = color ? colors[rule.result] : undefined;
  return code === undefined ? text : `\x1b[${code}m${word}\x1b[0m${text.slice(word.length)}`;
}

/** The message of the result, or why the tests behind it have none. */
function reasons({ message, result, evidence }: ComplianceRule): string[] {
  if (message !== undefined) return [message];
  if (result !== 'unknown' && result !== 'error') return [];
  const messages = evidence.flatMap((each) => (each.result === result && each.message ? each.message : []));
  return [...new Set(messages)].slice(0, 2);
}

function failing({ result, negated }: ComplianceRule['evidence'][number]): boolean {
  return negated ? result === 'true' : result === 'false';
}

function byWeight(a: ComplianceRule, b: ComplianceRule): number {
  return (
    order.indexOf(a.result) - order.indexOf(b.result) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    compareCodeUnits(a.title, b.title)
  );
}

function footLines({
  counts,
  scores,
  applicable,
  unfinished,
  policy,
  rules,
  ...result
}: ComplianceResult): string[] {
  const waived = rules.filter((rule) => rule.waived !== undefined).length;
  const scripts = rules.filter(isUnrunScript).length;
  const words = counted.flatMap((kind) => (counts[kind] ? [`${counts[kind]} ${kind}`] : []));
  const total = counted.reduce((sum, kind) => sum + (counts[kind] ?? 0), 0);
  return [
    `${plural(total, 'rule')}: ${words.join(', ')}`,
    ...(scripts > 0
      ? [`${scripts} of them ${scripts === 1 ? 'is' : 'are'} checked by scripts alone, which are not run`]
      : []),
    ...(waived > 0 ? [`${waived} of them waived by the policy`] : []),
    ...policyLines(policy),
    ...scores.map(
      ({ system, score, maximum }) =>
        `score (${system.slice(system.lastIndexOf(':') + 1)}): ${score.toFixed(2)} of ${maximum}`,
    ),
    ...(unfinished === undefined ? [] : [`not finished: ${unfinished}`]),
    ...(applicable ? [] : ['nothing applies: this content is for another platform']),
    ...[signatureFault(result)].flatMap((fault) => (fault ? [`signatures: ${fault.text}`] : [])),
  ];
}
