import { expect, it } from 'vitest';
import { flagNames } from '../../src/tasks/outcome.ts';
import { policyOf, requireSources } from '../../src/tasks/scan/gate.ts';
import { readThreshold } from '../../src/tasks/scan/thresholds.ts';

it.each([
  [['debian'], 'debian rates few flaws'],
  [['debian', 'alpine'], 'alpine and debian rate few flaws'],
])('the verb agrees with the vendors that do not rate: %j', (systems, words) => {
  const policy = policyOf({ failOn: [readThreshold('high', { command: 'scan', flag: '--fail-on' })] });
  expect(() => requireSources(policy, [], systems, { names: flagNames })).toThrow(words);
});
