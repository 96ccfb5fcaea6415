/** Results in the order of their urgency. */
export const results = [
  ...['fail', 'error', 'unknown', 'notchecked', 'pass', 'fixed', 'informational', 'notapplicable'],
] as const;

export const severities = ['high', 'medium', 'low', 'info', 'unknown'] as const;

const names: Readonly<Record<string, string>> = {
  fail: 'Failed',
  error: 'Error',
  unknown: 'Unknown',
  notchecked: 'Not checked',
  pass: 'Passed',
  fixed: 'Fixed',
  informational: 'Informational',
  notapplicable: 'Not applicable',
};

export function resultName(result: string): string {
  return names[result] ?? result;
}

export const resultNames: readonly (readonly [result: string, name: string])[] = results.map((result) => [
  result,
  resultName(result),
]);
