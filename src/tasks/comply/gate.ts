import { type ComplianceResult, type ComplianceRule, complianceDoubt } from '../../model/compliance/index.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { SignatureGate } from '../../model/verdict/index.ts';
import { plural } from '../../report/text-table.ts';
import { errorOf, type GateOutcome, type OptionSpelling, withSignatures } from '../outcome.ts';
import type { OrUndefined } from '../parameters.ts';
import { type RulePolicyOptions, ruleSeverities } from './options.ts';

/** The outcome of a profile, with that of the image's signatures. */
export function complianceOutcome(
  result: ComplianceResult & { signed?: SignatureGate },
  gate: OrUndefined<RulePolicyOptions>,
  as: OptionSpelling,
): GateOutcome {
  const error = errorOf(() => requireApplicable(result));
  if (error) return { exitCode: 4, reasons: [], error };
  return withSignatures(rulesOutcome(result, gate, as), result.signed);
}

/**
 * The outcome of a profile's rules. A gated rule that ended as error or unknown does not pass, or an image could
 * switch the gate off. As everywhere, 4 is before 1. `failOnName`: the key of the option that `failOn` is of.
 */
export function rulesOutcome(
  { rules, unfinished }: ComplianceResult,
  { failOn, allowUnjudged = false }: OrUndefined<RulePolicyOptions>,
  as: OptionSpelling,
  failOnName = 'failOn',
): GateOutcome {
  if (failOn === undefined) return { exitCode: unfinished === undefined ? 0 : 4, reasons: [] };
  const order: readonly string[] = ruleSeverities;
  const rank = (severity: string) => order.indexOf(severity);
  const counted = rules.filter(({ waived }) => waived === undefined);
  const isGated = ({ severity }: ComplianceRule) => failOn === 'any' || rank(severity) >= rank(failOn);
  const isUnrated = (rule: ComplianceRule) => rule.severity === 'unknown' && !isGated(rule);
  const allFailed = counted.filter(({ result }) => result === 'fail');
  const failed = allFailed.filter(isGated).length;
  const unrated = allFailed.filter(isUnrated).length;
  const isUnsettled = ({ result }: ComplianceRule) => result === 'error' || result === 'unknown';
  // A rule without a severity may have any.
  const ofAny = counted.filter((rule) => isUnrated(rule) && isUnsettled(rule)).length;
  const unjudged = counted.filter((rule) => isGated(rule) && isUnsettled(rule)).length + ofAny;
  const isBlind = unrated * 2 > allFailed.length;
  const accepting = as('allowUnjudged');
  const accepted = allowUnjudged ? `accepted by ${accepting}` : `${accepting} accepts that`;
  const gate = as(failOnName);
  const reasons = [
    failed > 0 && `policy: ${plural(failed, 'rule')} failed at or above ${gate}`,
    unrated > 0 &&
      `policy: ${plural(unrated, 'failed rule')} without a severity not counted; any counts them`,
    isBlind &&
      `not judged: the gate cannot see ${unrated} of ${plural(allFailed.length, 'failed rule')}: the content gives them no severity; ${accepted}`,
    unjudged > 0 &&
      `not judged: ${plural(unjudged, 'rule')} at or above ${gate}${ofAny > 0 ? ' or without a severity' : ''}, error or unknown; ${accepted}`,
  ].filter((reason) => reason !== false);
  const isOpen = unfinished !== undefined || ((isBlind || unjudged > 0) && !allowUnjudged);
  return { exitCode: isOpen ? 4 : failed > 0 ? 1 : 0, reasons };
}

/** @throws PLATFORM_NOT_COVERED where nothing of the content applies: a result about another platform means nothing */
export function requireApplicable(result: ComplianceResult): void {
  const doubt = complianceDoubt(result);
  if (doubt === undefined) return;
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: doubt,
    remedy: "choose content for the image's release",
  });
}
