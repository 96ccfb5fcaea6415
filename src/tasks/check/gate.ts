import type { ComplianceResult } from '../../model/compliance/index.ts';
import type { Inventory } from '../../model/inventory/index.ts';
import { requireApplicable, rulesOutcome } from '../comply/gate.ts';
import { errorOf, type GateOutcome, type OptionSpelling, worst } from '../outcome.ts';
import type { OrUndefined } from '../parameters.ts';
import { type JudgedScan, scanOutcome } from '../scan/run.ts';
import type { CheckRuleOptions } from './options.ts';

/** The outcome of both results of an image: flaws, then rules (`failOnRule`). */
export function checkOutcome(
  scan: Pick<JudgedScan, 'outcome' | 'messages'>,
  inventory: Inventory,
  rules: ComplianceResult,
  { failOnRule, allowUnjudged }: OrUndefined<CheckRuleOptions>,
  as: OptionSpelling,
): GateOutcome {
  const ofFlaws = scanOutcome(scan, inventory);
  const ofRules = rulesOutcome(rules, { failOn: failOnRule, allowUnjudged }, as, 'failOnRule');
  const error = errorOf(() => requireApplicable(rules)) ?? ofFlaws.error;
  return {
    exitCode: error ? 4 : worst(ofFlaws.exitCode, ofRules.exitCode),
    reasons: [...ofFlaws.reasons, ...ofRules.reasons],
    ...(error && { error }),
  };
}
