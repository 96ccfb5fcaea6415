import type { ComplianceResult } from '../../model/compliance/index.ts';

/** Headings for the counted results of rules of several images. */
export const ruleHeadings = {
  fail: 'FAILED',
  waived: 'WAIVED',
  unjudged: 'UNJUDGED',
  pass: 'PASSED',
  other: 'OTHER',
};

/** Rules by what became of them; a waived one counts as nothing else. */
export function ruleCounts({ rules }: ComplianceResult): Record<keyof typeof ruleHeadings, number> {
  const counts = { fail: 0, waived: 0, unjudged: 0, pass: 0, other: 0 };
  for (const { result, waived } of rules)
    if (result !== 'notselected') counts[waived === undefined ? (kinds[result] ?? 'other') : 'waived'] += 1;
  return counts;
}

const kinds: Readonly<Record<string, keyof typeof ruleHeadings>> = {
  fail: 'fail',
  error: 'unjudged',
  unknown: 'unjudged',
  pass: 'pass',
  fixed: 'pass',
};
