import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Collector, compile } from '../../../src/feed/compile/index.ts';
import { shardRecords } from '../../../src/feed/compile/shard-records.ts';
import type { ShardClaim, ShardLine } from '../../../src/model/feed/index.ts';
import { compareIds } from '../../../src/model/order.ts';
import { readShard } from '../../../src/publish/feed/shard.ts';
import { checkIndexFile } from '../../../src/validate/feed-files.ts';
import { bookworm, type SmallPlatform, trixie, writeSmallFeed } from '../../support/small-feed.ts';
import { temporaryFolder } from '../../support/temporary.ts';

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

  it.each([
    { fixed: '0:1.2.30', why: 'without a release: its last digit would be taken for the dash' },
    { fixed: 'x:1.2.3-4', why: 'with an epoch that is no number: every build would be newer' },
    { fixed: '1.2.3-', why: 'with an empty release: every build of 1.2.3 would be newer' },
    { fixed: 'see advisory', why: 'that is prose' },
  ])('lets no version of an rpm pass $why, and counts it', ({ fixed }) => {
    const collector = new Collector('test');
    const platform = { ...bookworm, id: 'rhel-9', packaging: 'rpm' } as const;
    collector.platform(platform, { inputs: [] });
    const about = { platform: 'rhel-9', severity: 'unknown', evidence: 'x#/', status: 'fixed' } as const;
    collector.statement({ ...about, package: 'curl', vulnerability: 'CVE-2023-0286', fixed });
    collector.statement({
      ...about,
      package: 'curl',
      vulnerability: 'CVE-2023-0287',
      fixed: '0:7.76.1-26.el9',
    });
    collector.statement({
      ...about,
      package: 'oci:ubi9/ubi',
      subject: 'binary',
      vulnerability: 'CVE-2023-0288',
      fixed: 'sha256:0a',
    });

    const { lines } = compile([collector], []).indexes[0]!;
    expect(lines.flatMap(({ claims }) => claims.flatMap(({ ids }) => ids))).toEqual([
      'CVE-2023-0287',
      'CVE-2023-0288',
    ]);
    expect(collector.ledger.findings()).toMatchObject([
      { reason: 'unparsable_fixed_version', count: 1, examples: [{ detail: fixed }] },
    ]);
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

describe('lines of a shard', () => {
  const id = fc
    .tuple(fc.constantFrom('CVE-2024-', 'CVE-2025-', 'TEMP-'), fc.integer({ min: 1000, max: 1060 }))
    .map(([start, number]) => start + number);
  const claim: fc.Arbitrary<ShardClaim> = fc.record(
    {
      status: fc.constantFrom('fixed', 'not_affected'),
      severity: fc.constantFrom('low', 'high'),
      fixed: fc.constantFrom('1.0-1', '2.0-1'),
      module: fc.constant('nodejs:18'),
      evidence: fc.nat(2),
      ids: fc.uniqueArray(id, { minLength: 1, maxLength: 60 }).map((ids) => ids.sort(compareIds)),
    },
    { requiredKeys: ['status', 'ids'] },
  );
  const shard = fc
    .dictionary(fc.string({ minLength: 1, maxLength: 4 }), fc.array(claim, { maxLength: 4 }))
    .map((packages) =>
      Object.keys(packages)
        .sort()
        .map((name): ShardLine => ({ package: name, claims: packages[name]! })),
    );
  const written = (lines: readonly ShardLine[]) =>
    shardRecords(lines)
      .map(({ text }) => `${text}\n`)
      .join('');

  it('give back what they were made of, and the same lines again', () => {
    fc.assert(
      fc.property(shard, (lines) => {
        const read = readShard(Buffer.from(written(lines)));
        expect(read).toEqual(lines);
        expect(written(read)).toBe(written(lines));
      }),
    );
  });

  it('hold the flaws of a year once that kernels share, also where they differ in another year', () => {
    const years = (from: number, to: number) =>
      Array.from({ length: (to - from) * 20 }, (_, at) => `CVE-${from + Math.floor(at / 20)}-${1000 + at}`);
    const kernel = (name: string, fixed: string, ids: string[]): ShardLine => ({
      package: name,
      claims: [{ status: 'fixed', fixed, ids }],
    });
    const lines = [
      kernel('linux', '5.15.0-100.110', years(2015, 2025)),
      kernel('linux-aws', '5.15.0-1050.55', [...years(2015, 2025), 'CVE-2025-9999']),
      kernel('linux-gcp', '5.15.0-1050.58', years(2015, 2025).slice(1)),
    ];

    const text = written(lines);

    expect(readShard(Buffer.from(text))).toEqual(lines);
    expect(text.split('CVE-2020-1100').length - 1).toBe(1);
    expect(text.split('CVE-2015-1001').length - 1).toBe(2);
  });
});

describe('a shard that refers to what it does not have breaks its format', () => {
  const kinds = '{"table":"!kinds","kinds":[{"status":"fixed"},{"status":"not_affected"}]}';
  it.each([
    ['an unknown kind', '{"kind":2,"ids":["CVE-2024-1000"]}', /kind 2/],
    ['an unknown list', '{"kind":1,"ids":["#0"]}', /list #0/],
    ['fixed without a version', '{"kind":0,"ids":["CVE-2024-1000"]}', /fixed version/],
    ['a version where nothing is fixed', '{"kind":1,"fixed":"1","ids":["CVE-2024-1000"]}', /fixed version/],
    ['a claim in full, as format 1 had it', '{"status":"not_affected","ids":["CVE-2024-1000"]}', /schema/],
  ])('%s', async (_, claim, message) => {
    const root = temporaryFolder();
    mkdirSync(join(root, 'index'));
    writeFileSync(join(root, 'index/debian-12.jsonl'), `${kinds}\n{"package":"a","claims":[${claim}]}\n`);

    await expect(checkIndexFile(root, 'index/debian-12.jsonl')).rejects.toThrow(message);
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
