import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { alpineDefinition } from '../../../src/distros/alpine/definition.ts';
import { readPackageIndex } from '../../../src/distros/alpine/package-index.ts';
import { createSource } from '../../../src/distros/alpine/source.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../src/sources/snapshots.ts';
import { type Behaviour, serve } from '../../support/http-server.ts';
import { dated, hurriedLimits, misbehaviours, send, status, webPage } from '../../support/misbehaviour.ts';
import { bodyOf, collectingSink, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { indexOf, packageIndex, secdb } from './world.ts';

const fixes = '/v3.20/main.json';
const index = '/v3.20/main/x86_64/APKINDEX.tar.gz';
const built = 1_790_000_000;

/** A small Alpine 3.20 in good order; tests put one path out of order. */
function good(): Record<string, Behaviour> {
  const told = secdb('v3.20/main', { openssl: { '3.3.1-r1': ['CVE-2024-5535'] } });
  return {
    [fixes]: dated(told, '"m1"'),
    '/v3.20/community.json': dated(secdb('v3.20/community', {}), '"c1"'),
    [index]: dated(packageIndex(['libssl3 3.3.1-r1 openssl'], built), '"i1"'),
    '/v3.20/community/x86_64/APKINDEX.tar.gz': dated(packageIndex(['jq 1.7.1-r0'], built), '"i2"'),
  };
}

const source = (origin: string) => createSource({ ...alpineDefinition, secdb: origin, packages: origin });

async function fetchFrom(origin: string, store: SnapshotStore): Promise<Snapshot[]> {
  const http = createHttp({ env: {}, limits: hurriedLimits });
  try {
    return await source(origin).fetch({ http, store, now: new Date('2026-11-24'), progress: () => {} });
  } finally {
    await http.close();
  }
}

const malformed = Array.from({ length: 200 }, (_, at) => ({ name: `package-${at}` }));

describe('a fetch that fails leaves the last good snapshots', () => {
  const badFixes = [
    ...misbehaviours,
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_NOT_JSON' },
    { name: 'no bytes', behaviour: send(''), code: 'SOURCE_NOT_JSON' },
    { name: 'a list', behaviour: send('[]'), code: 'SOURCE_MALFORMED' },
    {
      name: 'a document that stops in the middle',
      behaviour: send(secdb('v3.20/main', { a: { '1-r0': ['CVE-2024-1'] } }).slice(0, -9)),
      code: 'SOURCE_NOT_JSON',
    },
    { name: 'another branch', behaviour: send(secdb('v3.19/main', {})), code: 'SOURCE_MALFORMED' },
    {
      name: 'packages of another form',
      behaviour: send(JSON.stringify({ distroversion: 'v3.20', packages: malformed })),
      code: 'SOURCE_MALFORMED',
    },
  ].map((bad) => ({ ...bad, path: fixes, name: `security database: ${bad.name}` }));
  const garbage = indexOf('x\n\n'.repeat(200));
  const badIndexes = [
    { name: 'a server in trouble', behaviour: status(500), code: 'FETCH_FAILED' },
    { name: 'a web page', behaviour: webPage, code: 'SOURCE_MALFORMED' },
    {
      name: 'an archive that stops in the middle',
      behaviour: send(packageIndex(['a 1-r0'], built).subarray(0, -20)),
      code: 'SOURCE_MALFORMED',
    },
    {
      name: 'an archive of something else',
      behaviour: send(gzipSync(Buffer.alloc(1024))),
      code: 'SOURCE_MALFORMED',
    },
    { name: 'records of another form', behaviour: send(garbage), code: 'SOURCE_MALFORMED' },
    { name: 'too many records', behaviour: send(indexOf('a\n\n'.repeat(400_000))), code: 'SOURCE_TOO_LARGE' },
  ].map((bad) => ({ ...bad, path: index, name: `package index: ${bad.name}` }));

  it.each([...badFixes, ...badIndexes])('$name', async ({ path, behaviour, code }) => {
    const behaviours = good();
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    const last = await fetchFrom(server.origin, store);
    behaviours[path] = behaviour;

    await expect(fetchFrom(server.origin, store)).rejects.toMatchObject({ code });
    const digests = (snapshots: readonly Snapshot[]) => snapshots.map(({ sha256 }) => sha256).sort();
    expect(digests(await store.list('alpine'))).toEqual(digests(last));
    for (const snapshot of last) expect(readFileSync(store.path(snapshot))).toHaveLength(snapshot.size);
  });

  it('what the server has no more stays as it was last, marked', async () => {
    const behaviours = good();
    await using server = await serve(behaviours);
    const store = openSnapshotStore(temporaryFolder());
    await fetchFrom(server.origin, store);
    behaviours[fixes] = status(404);
    const again = await fetchFrom(server.origin, store);
    expect(
      again.filter(({ refused }) => refused !== undefined).map(({ id, refused }) => [id, refused]),
    ).toEqual([['alpine-secdb-v3.20-main', 'FETCH_NOT_FOUND']]);
  });
});

describe('a package index', () => {
  const read = async (text: string) => {
    const malformedAt: number[] = [];
    const packages = await readPackageIndex(bodyOf(indexOf(text)), 'APKINDEX.tar.gz', (at) =>
      malformedAt.push(at),
    );
    return { packages, malformedAt };
  };
  const record = (name: string, version: string, more = '') => `P:${name}\nV:${version}\n${more}\n`;

  it('of empty lines is no packages, and takes no memory for them', async () => {
    expect(await read('\n'.repeat(16_000_000))).toEqual({ packages: [], malformedAt: [] });
    await expect(read('\n'.repeat(40_000_000))).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  });

  it('names packages that apk would not take: each is told, and the others are read', async () => {
    const { packages, malformedAt } = await read(
      [
        record('../etc', '1-r0'),
        record('a b', '1-r0'),
        record('a', '1-r0', 'o:nginx 1.2-r0\n'),
        record('a'.repeat(1 << 20), '1-r0'),
        record('a', 'not a version'),
        record('a', '1'.repeat(1 << 20)),
        record('', '1-r0'),
        record('jq', '1.7.1-r0'),
      ].join('\n'),
    );
    expect(packages.map(({ name }) => name)).toEqual(['jq']);
    expect(malformedAt).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it.each(['99999999999999', '9007199254740991', '-1', '1e99', 'x', ''])(
    'has a build time that is none: %s',
    async (time) => {
      const { packages } = await read(record('jq', '1.7.1-r0', `t:${time}\n`));
      expect(packages).toMatchObject([{ name: 'jq', built: undefined }]);
    },
  );

  it('with a time that is none among others dates the release by the others', async () => {
    const text = [record('jq', '1-r0', 't:9007199254740991\n'), record('curl', '1-r0', `t:${built}\n`)].join(
      '\n',
    );
    await using server = await serve({ ...good(), [index]: send(indexOf(text)) });
    const store = openSnapshotStore(temporaryFolder());
    const sink = collectingSink('alpine');
    await source(server.origin).read(await fetchFrom(server.origin, store), store, sink);
    expect(sink.platforms[0]!.data.roster!.size).toBe(2);
    expect(findingCounts(sink.ledger)).toEqual({});
  });
});

describe('a hostile security database', () => {
  const read = async (text: string) => {
    await using server = await serve({ ...good(), [fixes]: send(text) });
    const store = openSnapshotStore(temporaryFolder());
    const sink = collectingSink('alpine');
    await source(server.origin).read(await fetchFrom(server.origin, store), store, sink);
    const rows = sink.statements.map(({ package: name, vulnerability, fixed }) =>
      [name, vulnerability, fixed].join(' '),
    );
    return { rows, findings: findingCounts(sink.ledger) };
  };
  const branch = (packages: string) => `{"distroversion":"v3.20","packages":[${packages}]}`;

  it('has versions and names that are members of every object', async () => {
    const packages = branch(
      '{"pkg":{"name":"constructor","secfixes":{"__proto__":["CVE-2024-0001"],"1-r0":["CVE-2024-0002"]}}},' +
        '{"pkg":{"name":"__proto__","secfixes":{"constructor":["CVE-2024-0003"]}}}',
    );
    expect(await read(packages)).toEqual({
      rows: ['constructor CVE-2024-0002 1-r0'],
      findings: { '-absurd_version': 2 },
    });
  });

  it('has 20,000 entries about a version of a megabyte, which are read in the time of as many others', async () => {
    const entries = '"x",'.repeat(20_000).slice(0, -1);
    const packages = branch(
      `{"pkg":{"name":"a","secfixes":{"1${'0'.repeat(1 << 20)}":[${entries}],"1-r0":["CVE-2024-0001"]}}}`,
    );
    expect((await read(packages)).findings).toMatchObject({ '-unknown_vulnerability_id': 20_000 });
  }, 10_000);

  it('has texts of a megabyte, which are told in a line', async () => {
    const long = 'x'.repeat(1 << 20);
    const digits = '1'.repeat(1 << 20);
    const packages = branch(
      `{"pkg":{"name":"a","secfixes":{"1-r0":["${long}","CVE-2024-${digits}"],"${digits}":["CVE-2024-0001"]}}}`,
    );
    const { rows, findings } = await read(packages);
    expect(rows.every((row) => row.length < 100)).toBe(true);
    expect(findings).toMatchObject({ '-absurd_version': 1, '-unknown_vulnerability_id': 2 });
  });
});
