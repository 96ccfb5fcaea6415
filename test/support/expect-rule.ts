import { expect } from 'vitest';
import type { VerdictRule } from '../../src/model/compliance/index.ts';
import type { MatchResult } from '../../src/model/verdict/index.ts';
import type { ruleOf } from '../../src/runtime/index.ts';

/** The rule that `explain` tells of each verdict gives that verdict for the installed version. */
export function expectRules({ verdicts }: MatchResult, rule: ReturnType<typeof ruleOf>): void {
  for (const { vulnerability, package: pkg, status, fixState } of verdicts) {
    const { fixes, otherwise }: Partial<VerdictRule> = rule(pkg, vulnerability) ?? { fixes: [] };
    const isReached = fixes.some(({ comparison }) => comparison !== -1);
    const told = isReached ? { status: 'fixed' } : otherwise;
    expect(told, `${vulnerability} in ${pkg.name}`).toEqual({ status, ...(fixState && { fixState }) });
  }
}
