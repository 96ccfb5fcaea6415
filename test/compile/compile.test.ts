import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Collector, compareIds, compile } from '../../src/compile/index.ts';
import type { ShardLine } from '../../src/model/index.ts';
import { readShard } from '../../src/publish/feed/shard.ts';
import { checkIndexFile } from '../../src/validate/feed-files.ts';
import { bookworm, type SmallPlatform, trixie, writeSmallFeed } from '../support/small-feed.ts';

const statements: SmallPlatform['statements'] = [
  {
    vulnerability: 'CVE-2023-0286',
    package: 'openssl',
    status: 'fixed',
    fixed: '3.0.8-1',
    severity: 'high',
    advisories: ['DSA-5343-1'],
  },
  {
    vulnerability: 'CVE-2022-4304',
    package: 'openssl',
    status: 'fixed',
    fixed: '3.0.8-1',
    severity: 'high',
    advisories: ['DSA-5343-1'],
  },
  {
    vulnerability: 'CVE-2023-5678',
    package: 'openssl',
    status: 'affected',
    fixState: 'none_yet',
    reason: 'minor',
  },
  {
    vulnerability: 'CVE-2023-10000',
    package: 'openssl',
    status: 'fixed',
    fixed: '3.0.8-1',
    severity: 'high',
    advisories: ['DSA-5343-1'],
  },
  {
    vulnerability: 'TEMP-0000000-0CA7E3',
    package: 'anubis',
    status: 'under_investigation',
    reason: 'nobody_looked',
  },
  {
    vulnerability: 'CVE-2011-3374',
    package: 'apt',
    status: 'affected',
    fixState: 'none_yet',
    suppressed: 'unimportant',
  },
];

function files(directory: string): Record<string, string> {
  const index = join(directory, 'index');
  const read = readdirSync(index).map((name) => [name, readFileSync(join(index, name), 'utf8')]);
  return Object.fromEntries([
    ...read,
    ['manifest.json', readFileSync(join(directory, 'manifest.json'), 'utf8')],
  ]);
}

function lines(directory: string, name: string): ShardLine[] {
  return readShard(readFileSync(join(directory, 'index', name)));
}

describe('the compiler', () => {
  it('writes a package a line, equal claims once, with ids in natural order', () => {
    const shard = lines(writeSmallFeed([{ platform: bookworm, statements }]), 'debian-12.jsonl');

    expect(shard.map((line) => line.package)).toEqual(['anubis', 'apt', 'openssl']);
    expect(shard[2]!.claims).toEqual([
      { status: 'affected', fixState: 'none_yet', reason: 'minor', ids: ['CVE-2023-5678'] },
      {
        status: 'fixed',
        fixed: '3.0.8-1',
        advisories: ['DSA-5343-1'],
        severity: 'high',
        ids: ['CVE-2022-4304', 'CVE-2023-0286', 'CVE-2023-10000'],
      },
    ]);
  });

  it('gives the same bytes for the same statements in any order', () => {
    const expected = files(
      writeSmallFeed([
        { platform: bookworm, statements },
        { platform: trixie, statements },
      ]),
    );

    fc.assert(
      fc.property(
        fc.shuffledSubarray([...statements], { minLength: statements.length }),
        fc.boolean(),
        (shuffled, turned) => {
          const platforms = [bookworm, trixie].map((platform) => ({ platform, statements: shuffled }));
          expect(files(writeSmallFeed(turned ? platforms.reverse() : platforms))).toEqual(expected);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('writes only what its schemas allow', async () => {
    const directory = writeSmallFeed([
      {
        platform: bookworm,
        data: { roster: new Map([['openssl', { version: '3.0.8-1', binaries: [] }]]) },
        statements,
      },
    ]);

    for (const name of readdirSync(join(directory, 'index')))
      await checkIndexFile(directory, `index/${name}`);
  });

  it('keeps the more cautious of two claims that contradict each other, and counts it', () => {
    const collector = new Collector('test');
    collector.platform(bookworm, { inputs: [] });
    const about = {
      vulnerability: 'CVE-2023-5678',
      package: 'openssl',
      platform: 'debian-12',
      severity: 'unknown',
      evidence: 'x#/',
    } as const;
    collector.statement({ ...about, status: 'not_affected' });
    collector.statement({ ...about, status: 'affected', fixState: 'none_yet' });

    const { indexes } = compile([collector], []);

    expect(indexes[0]!.lines).toEqual([
      { package: 'openssl', claims: [{ status: 'affected', fixState: 'none_yet', ids: ['CVE-2023-5678'] }] },
    ]);
    expect(collector.ledger.findings()).toMatchObject([
      { reason: 'conflicting_statements', count: 1, dropped: false },
    ]);
  });

  it('lets no version pass that dpkg could not read, and counts it', () => {
    const collector = new Collector('test');
    collector.platform(bookworm, { inputs: [] });
    const about = {
      package: 'openssl',
      platform: 'debian-12',
      severity: 'unknown',
      evidence: 'x#/',
    } as const;
    collector.statement({ ...about, vulnerability: 'CVE-2023-0286', status: 'fixed', fixed: '<unfixed>' });

    expect(compile([collector], []).indexes[0]!.lines[0]!.claims).toEqual([]);
    expect(collector.ledger.findings()).toMatchObject([{ reason: 'unparsable_fixed_version', count: 1 }]);
  });

  it('lets fixes of several minor streams stand side by side', () => {
    const about = {
      package: 'gnutls',
      vulnerability: 'CVE-2024-28834',
      subject: 'binary',
      status: 'fixed',
    } as const;
    const directory = writeSmallFeed([
      {
        platform: { ...bookworm, id: 'rhel-9', packaging: 'rpm' },
        statements: [
          { ...about, fixed: '0:3.7.6-23.el9_3.4', minor: 3 },
          { ...about, fixed: '0:3.8.3-4.el9_4', minor: 4 },
        ],
      },
    ]);

    expect(lines(directory, 'rhel-9.jsonl')[0]!.claims.map(({ minor }) => minor)).toEqual([3, 4]);
  });
});

describe('order of ids', () => {
  it.each([
    ['CVE-2023-5678', 'CVE-2023-10000', -1],
    ['CVE-2024-1', 'CVE-2023-99999', 1],
    ['CVE-2023-0286', 'DSA-5343-1', -1],
    ['TEMP-0000000-0CA7E3', 'CVE-2023-0286', 1],
    ['DSA-1', 'DSA-1', 0],
  ])('%s %s', (a, b, sign) => {
    expect(Math.sign(compareIds(a, b))).toBe(sign);
  });
});
