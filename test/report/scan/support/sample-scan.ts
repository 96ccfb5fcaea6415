import type { Advisory, Vulnerability } from '../../../../src/model/feed/index.ts';
import { type CliResult, debianRelease, rootWith, scapfeed, stanza } from '../../../support/cli.ts';
import { bookworm, writeSmallFeed } from '../../../support/small-feed.ts';

/** A feed and an image with a flaw of each kind, scanned by the built command. */
export interface SampleScan {
  image: string;
  feed: string;
  scan(...args: string[]): CliResult;
}

const roster = new Map(
  ['openssl', 'zlib', 'apt', 'bash', 'curl'].map((name) => [name, { version: '1', binaries: [] }]),
);

const statements = [
  {
    vulnerability: 'CVE-2023-0286',
    package: 'openssl',
    status: 'fixed',
    fixed: '3.0.8-1',
    severity: 'high',
    advisories: ['DSA-5343-1'],
  },
  {
    vulnerability: 'CVE-2024-5555',
    package: 'curl',
    status: 'fixed',
    fixed: '7.88.1-10+deb12u6',
    severity: 'critical',
  },
  { vulnerability: 'CVE-2021-1111', package: 'curl', status: 'fixed', fixed: '7.70.0-1' },
  {
    vulnerability: 'CVE-2024-2222',
    package: 'openssl',
    status: 'not_affected',
    reason: 'vulnerable_code_not_present',
  },
  {
    vulnerability: 'CVE-2023-45853',
    package: 'zlib',
    status: 'affected',
    fixState: 'will_not_fix',
    severity: 'low',
  },
  {
    vulnerability: 'CVE-2011-3374',
    package: 'apt',
    status: 'affected',
    fixState: 'none_yet',
    suppressed: 'unimportant',
  },
  {
    vulnerability: 'CVE-2022-3715',
    package: 'bash',
    status: 'affected',
    fixState: 'none_yet',
    reason: 'minor',
  },
  {
    vulnerability: 'CVE-2024-99999',
    package: 'bash',
    status: 'under_investigation',
    reason: 'nobody_looked',
  },
] as const;

const vulnerabilities: Vulnerability[] = [
  {
    id: 'CVE-2023-0286',
    title: 'X.400 address type confusion',
    description:
      'A name in a certificate is read as another type.\n\nAn attacker reads memory or stops the program.',
    cvss: [{ version: '3.1', score: 7.4, vector: 'CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H' }],
    cwe: ['CWE-843'],
    published: '2023-02-07T00:00:00Z',
    references: ['https://www.openssl.org/news/secadv/20230207.txt'],
  },
  {
    id: 'CVE-2024-5555',
    title: 'Cookies of one host are sent to another',
    cvss: [{ version: '3.1', score: 9.8, vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    exploited: true,
  },
];

const advisories: Advisory[] = [{ id: 'DSA-5343-1', date: '2023-02-07' }];

const packages = [
  stanza('apt', '2.6.1'),
  stanza('bash', '5.2.15-2+b2', { Source: 'bash (5.2.15-2)' }),
  stanza('curl', '7.88.1-10+deb12u5'),
  stanza('libssl3', '3.0.7-1', { Source: 'openssl' }),
  stanza('openssl', '3.0.7-1'),
  stanza('zlib1g', '1:1.2.13.dfsg-1', { Source: 'zlib' }),
];

/** `more`: files of the image besides its release and its dpkg status; `stanzas`: packages besides the six. */
export function sampleScan(
  more: Readonly<Record<string, string | Buffer>> = {},
  stanzas: readonly string[] = [],
): SampleScan {
  const image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': [...packages, ...stanzas].join(''),
    ...more,
  });
  const feed = writeSmallFeed([
    { platform: bookworm, data: { roster }, statements, vulnerabilities, advisories },
  ]);
  return {
    image,
    feed,
    scan: (...args) =>
      scapfeed(['scan', image, '--feed', feed, '--max-age', '0', '--allow-unrated', ...args]),
  };
}
