import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openContent, tailorProfile } from '../../../src/comply/index.ts';
import { tailoringDocument } from '../../../src/report/comply/tailoring.ts';
import {
  hasOfficialSchemas,
  hasOracle,
  hasSecurityGuide,
  officialSchemas,
  securityGuide,
} from '../../support/oracles.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const here = hasOracle('oscap', 'xmllint') && hasOfficialSchemas() && hasSecurityGuide();

describe.skipIf(!here)('a tailoring file of ours', () => {
  const stream = join(securityGuide, 'ssg-debian12-ds.xml');
  const file = join(temporaryFolder('tailoring'), 'tailoring.xml');

  it('is valid, and oscap runs its profile', () => {
    const profile = tailorProfile(openContent(stream), undefined, {
      profile: 'standard',
      select: ['sshd_set_keepalive'],
      unselect: ['package_rsyslog_installed'],
      set: ['var_accounts_minimum_age_login_defs=3'],
      severity: ['file_permissions_etc_shadow=high'],
    });
    const kind = <K extends string>(wanted: K) => profile.changes.filter((change) => change.kind === wanted);
    writeFileSync(
      file,
      tailoringDocument({
        benchmark: { href: 'ssg-debian12-ds.xml' },
        time: '2026-01-01T00:00:00.000Z',
        profile: {
          id: profile.id,
          title: profile.title,
          extends: profile.extends ?? '',
          selects: kind('select') as never,
          values: kind('set-value') as never,
          refineValues: [],
          refineRules: kind('refine-rule') as never,
        },
      }),
    );
    execFileSync('xmllint', ['--noout', '--schema', join(officialSchemas, 'xccdf/1.2/xccdf_1.2.xsd'), file], {
      stdio: 'ignore',
    });
    const options = ['--fix-type', 'bash', '--tailoring-file', file, '--profile', profile.id];
    const args = ['xccdf', 'generate', 'fix', ...options, stream];
    const run = spawnSync('oscap', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    expect([
      run.status,
      run.stdout.includes('sshd_set_keepalive'),
      run.stdout.includes('package_rsyslog_installed'),
    ]).toEqual([0, true, false]);
  });
});
