import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { vendorOval } from '../comply/support/vendor-oval.ts';
import { debianRelease, rootWith, scapfeed, stanza } from '../support/cli.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { temporaryFolder } from '../support/temporary.ts';

let image: string;
let feed: string;
let folder: string;

beforeAll(() => {
  folder = temporaryFolder();
  image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status':
      ['a', 'b', 'linux-image'].map((name) => stanza(name, '1-1')).join('') + stanza('acme-release', '9.1-1'),
  });
  const fixed = (number: number, name: string, version: string) =>
    ({ vulnerability: `CVE-2026-${number}`, package: name, status: 'fixed', fixed: version }) as const;
  const names = ['a', 'b', 'linux-image'];
  feed = writeSmallFeed([
    {
      platform: bookworm,
      data: { roster: new Map(names.map((name) => [name, { version: '1-1', binaries: [] }])) },
      statements: [
        fixed(1001, 'a', '2-1'),
        fixed(1002, 'a', '2-1'),
        fixed(1003, 'a', '3-1'),
        fixed(1004, 'a', '1-1'),
        { vulnerability: 'CVE-2026-1005', package: 'a', status: 'affected', fixState: 'none_yet' },
        fixed(1006, 'a', '2-1'),
        fixed(1007, 'a', '2-1'),
        fixed(1008, 'linux-image', '2-1'),
      ],
    },
  ]);
});

function compared(document: string, ...more: string[]) {
  const path = join(folder, 'vendor.xml');
  writeFileSync(path, document);
  const args = ['compare', image, '--content', path, '--feed', feed, '--max-age', '0', '-o', 'json', ...more];
  const { code, out, err } = scapfeed(args);
  expect(err + code).toBe('0');
  return JSON.parse(out) as {
    same: number;
    differences: { vulnerability: string; side: string; cause: string; why: string }[];
  };
}

const flaw = (number: number, name: string, below: string) =>
  ({ number, package: name, below, class: 'patch', severity: 'Important' }) as const;
const document = vendorOval(
  [
    flaw(1001, 'a', '0:2-1'),
    flaw(1003, 'a', '0:4-1'),
    flaw(1004, 'a', '0:2-1'),
    flaw(1005, 'a', '0:1-1'),
    flaw(1006, 'a', '0:1-1'),
    flaw(1007, 'b', '0:2-1'),
    flaw(1008, 'linux-image', '0:1-1'),
    flaw(1009, 'b', '0:2-1'),
  ],
  { type: 'deb' },
);

describe("compare with a vendor's OVAL", () => {
  it('gives each difference its cause', () => {
    const { same, differences } = compared(document);

    expect(same).toBe(1);
    expect(
      differences.map(({ vulnerability, side, cause }) => `${vulnerability} ${side} ${cause}`).sort(),
    ).toEqual([
      'CVE-2026-1002 ours not_in_content',
      'CVE-2026-1003 both other_fix',
      'CVE-2026-1004 theirs fixed_here',
      'CVE-2026-1005 ours patches_only',
      'CVE-2026-1006 ours false_there',
      'CVE-2026-1007 ours other_packages',
      'CVE-2026-1007 theirs no_statement',
      'CVE-2026-1008 ours kernel',
      'CVE-2026-1009 theirs no_statement',
    ]);
  });

  it('of another release has nothing, and says why', () => {
    const { differences } = compared(document.replaceAll('^9', '^8'));

    expect(new Set(differences.map(({ side, cause }) => `${side} ${cause}`))).toEqual(
      new Set(['ours release_check']),
    );
    expect(differences[0]?.why).toContain('"Acme Linux 9 is installed"');
  });

  it('takes exactly one result or document', () => {
    const { code, err } = scapfeed(['compare', image, '--feed', feed]);

    expect(code).toBe(2);
    expect(err).toContain('--content FILE');
  });
});
