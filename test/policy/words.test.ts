import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ignored = 'ignore:\n  - vulnerability: CVE-2024-1\n    reason: not built\n';

test.each([
  ['version: 1\n', '; it may have ignore, scan, verify, comply'],
  ['ignroe: []\n', 'the policy has no member ignroe (ignore?); it may have ignore, '],
  [
    `${ignored}    expires: 2027-01-01\n`,
    '/ignore/0 has no member expires; it may have vulnerability, package',
  ],
  [`${ignored}    untill: 2027-01-01\n`, '/ignore/0 has no member untill (until?); it may have'],
  ['scan:\n  fail-onn: high\n', '/scan has no member fail-onn (fail-on?); it may have'],
  ['ignore:\n  - vulnerability: CVE-2024-1\n', '/ignore/0 lacks its reason'],
])('a member that a person mistypes is named, and what was meant: %j', (text, words) => {
  const file = join(temporaryFolder(), 'scapfeed.yaml');
  writeFileSync(file, text);
  const { code, err } = scapfeed(['policy', 'check', file]);

  expect(code).toBe(2);
  expect(err).toContain(words);
});
