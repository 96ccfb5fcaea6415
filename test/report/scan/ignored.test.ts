import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary.ts';
import { sampleScan } from './support/sample-scan.ts';

const sample = sampleScan();
const policy = join(temporaryFolder(), 'policy.yaml');
writeFileSync(policy, 'ignore:\n  - vulnerability: CVE-2023-0286\n    reason: no certificates are read\n');

/** The mark of an ignored flaw in each format. */
const signs = {
  json: '"reason": "no certificates are read"',
  sarif:
    '"suppressions":[{"kind":"external","status":"accepted","justification":"ignored by the policy: no certificates',
  junit:
    'skipped message="high: openssl 3.0.7-1, fix available (DSA-5343-1); ignored by the policy: no certificates',
  gitlab: '1 flaw ignored by the policy',
  github: '1 flaw put aside by exceptions',
  markdown: 'no certificates are read',
  csv: 'ignored by the policy: no certificates are read',
  html: 'ignored by the policy: no certificates are read',
  cyclonedx: '"value": "ignored by the policy: no certificates are read"',
};

it.each(Object.entries(signs))(
  'an ignored flaw stands in %s with its reason, and fails nothing',
  (format, sign) => {
    const { out, code } = sample.scan(
      '-o',
      format,
      '--policy',
      policy,
      '--fail-on',
      'high',
      '--severity',
      'high',
    );
    expect(out).toContain(sign);
    // CVE-2024-5555 alone fails.
    expect(code).toBe(1);
    expect(out).not.toMatch(/^::(?:error|warning).*CVE-2023-0286/m);
    expect(sample.scan('-o', format, '--policy', policy, '--fail-on', 'critical').code).toBe(1);
  },
);
