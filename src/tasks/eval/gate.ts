import {
  doubtOf,
  type EvaluatedDefinition,
  isUnsettled,
  needsAction,
  type OvalEvaluation,
} from '../../model/compliance/index.ts';
import { ScapfeedError } from '../../model/error.ts';
import { severityAtLeast } from '../../model/feed/index.ts';
import { plural } from '../../report/text-table.ts';
import { errorOf, type GateOutcome, type OptionSpelling } from '../outcome.ts';
import type { OrUndefined } from '../parameters.ts';
import type { EvalPolicyOptions } from './options.ts';

/**
 * Whether the content applies comes first: results about another platform mean nothing. What could not be evaluated does
 * not pass a gate, or an image could switch the gate off. As everywhere, 4 is before 1.
 */
export function evaluationOutcome(
  evaluation: OvalEvaluation,
  { failOn, allowUnjudged = false, allowUnrated = false }: OrUndefined<EvalPolicyOptions>,
  as: OptionSpelling,
): GateOutcome {
  const { definitions, unfinished, applies } = evaluation;
  const error = errorOf(() => requireApplying(evaluation));
  if (error) return { exitCode: 4, reasons: [], error };
  if (failOn === undefined) return { exitCode: unfinished === undefined ? 0 : 4, reasons: [] };
  const isGated = ({ severity }: EvaluatedDefinition) =>
    failOn === 'any' || severityAtLeast(severity, failOn);
  const found = definitions.filter(needsAction);
  const failed = found.filter(isGated).length;
  const unrated = failOn === 'any' ? 0 : found.filter(({ severity }) => severity === 'unknown').length;
  // A definition without a rating may have any.
  const unjudged = definitions.filter(
    (row) => isUnsettled(row) && (isGated(row) || row.severity === 'unknown'),
  ).length;
  const isBlind = unrated * 2 > found.length && !allowUnrated;
  const accepted = `; ${allowUnjudged ? `accepted by ${as('allowUnjudged')}` : `${as('allowUnjudged')} accepts that`}`;
  const reasons = [
    failed > 0 && `policy: ${plural(failed, 'definition')} at or above ${as('failOn')}`,
    unrated > 0 &&
      `policy: ${plural(unrated, 'definition')} without a rating not counted; ${as('failOn')} any counts them`,
    isBlind &&
      `not judged: the gate cannot see ${unrated} of ${plural(found.length, 'definition')}: the content does not rate them; ` +
        `${as('allowUnrated')} accepts that`,
    unjudged > 0 && `not judged: ${plural(unjudged, 'definition')} could not be evaluated${accepted}`,
    applies === 'unknown' && `not judged: ${doubtOf(evaluation)}${accepted}`,
  ].filter((reason) => reason !== false);
  const isOpen = isBlind || unfinished !== undefined;
  const isUnknown = (unjudged > 0 || applies === 'unknown') && !allowUnjudged;
  return { exitCode: isOpen || isUnknown ? 4 : failed > 0 ? 1 : 0, reasons };
}

/** @throws PLATFORM_NOT_COVERED: results about another platform mean nothing */
export function requireApplying(evaluation: OvalEvaluation): void {
  if (evaluation.applies !== 'no') return;
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: doubtOf(evaluation) ?? '',
    where: evaluation.content.name,
    remedy:
      "choose content for the image's release and its package database; `scapfeed info FILE` says what it has",
  });
}
