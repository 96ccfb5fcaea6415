import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/model/verdict/index.ts';
import { viewVerdicts } from '../../src/runtime/index.ts';
import { deb } from '../support/small-feed.ts';

function verdict(rest: Partial<Verdict>): Verdict {
  return {
    vulnerability: 'CVE-2023-0286',
    platform: 'debian-12',
    package: deb('libssl3', '3.0.7-1', 'openssl'),
    status: 'affected',
    fixState: 'none_yet',
    severity: 'unknown',
    advisories: [],
    marks: [],
    evidence: 'x#/',
    ...rest,
  };
}

describe('what the default view hides, and counts', () => {
  it.each<[string, Partial<Verdict>, string | undefined]>([
    ['an open flaw', {}, undefined],
    ['Debian unimportant', { suppressed: 'unimportant' }, 'unimportant'],
    ['Ubuntu negligible without a fix', { suppressed: 'negligible' }, 'negligible'],
    [
      'Ubuntu negligible with a fix',
      { suppressed: 'negligible', fixState: 'available', fixedVersion: '1' },
      undefined,
    ],
    ['a kernel image', { package: deb('linux-image-6.1.0-13-amd64', '6.1.55-1', 'linux') }, 'kernel'],
    [
      'a signed kernel image',
      { package: deb('linux-image-amd64', '6.1.55-1', 'linux-signed-amd64') },
      'kernel',
    ],
    [
      'a flavour of Ubuntu',
      {
        platform: 'ubuntu-22.04',
        package: deb('linux-azure-headers-5.15.0-1050', '5.15.0-1050.57', 'linux-azure'),
      },
      'kernel',
    ],
    [
      "a name of another distribution's kernel",
      { package: deb('linux-azure-headers-5.15.0-1050', '5.15.0-1050.57', 'linux-azure') },
      undefined,
    ],
    ['linux-libc-dev is no kernel', { package: deb('linux-libc-dev', '6.1.55-1', 'linux') }, undefined],
    ['linux-base is no kernel', { package: deb('linux-base', '4.9') }, undefined],
    ['what nobody looked into', { status: 'under_investigation' }, 'unsettled'],
  ])('%s', (_, rest, hidden) => {
    const { fixState: _state, ...unsettled } = verdict(rest);
    const [viewed] = viewVerdicts([rest.status === 'under_investigation' ? unsettled : verdict(rest)]);

    expect(viewed!.hidden).toBe(hidden);
  });

  it('sorts by severity, then source, then id', () => {
    const viewed = viewVerdicts([
      verdict({ vulnerability: 'CVE-2', severity: 'low' }),
      verdict({ vulnerability: 'CVE-3', severity: 'critical' }),
      verdict({ vulnerability: 'CVE-1', severity: 'low' }),
      verdict({ vulnerability: 'CVE-4', severity: 'low', package: deb('apt', '1') }),
    ]);

    expect(viewed.map(({ vulnerability }) => vulnerability)).toEqual(['CVE-3', 'CVE-4', 'CVE-1', 'CVE-2']);
  });
});
