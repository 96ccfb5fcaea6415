import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { listedFile } from '../../../src/sources/repodata/repomd.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../src/sources/snapshots.ts';
import type { UpdateChannel } from '../../../src/sources/updateinfo/channel.ts';
import { fetchUpdates, mirrorIn } from '../../../src/sources/updateinfo/fetch.ts';
import { type ReadUpdate, readUpdates } from '../../../src/sources/updateinfo/read.ts';
import { updateText } from '../../../src/sources/updateinfo/update-text.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { type Behaviour, serve } from '../../support/http-server.ts';
import { hurriedLimits, misbehaviours, send } from '../../support/misbehaviour.ts';
import { repomdText } from '../../support/repodata.ts';
import { bodyOf } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import {
  channelFiles,
  type MadeUpdate,
  packageElement,
  updateElement,
  updatesText,
} from '../../support/updateinfo.ts';

async function read(text: string | Uint8Array): Promise<ReadUpdate[]> {
  const all: ReadUpdate[] = [];
  const count = await readUpdates(bodyOf(text, 100), 'updateinfo.xml', (each) => all.push(each));
  expect(all.length).toBe(count);
  return all;
}

const one: MadeUpdate = {
  id: 'ALAS2-2026-1',
  cves: ['CVE-2026-1', 'CVE-2026-2'],
  packages: ['bash-4.2.46-34.amzn2.x86_64', 'bash-1:4.2.46-34.amzn2.aarch64'],
};

describe('updateinfo.xml', () => {
  it('is read update by update: id, dates, flaws and builds', async () => {
    expect(await read(updatesText([one]))).toEqual([
      {
        at: 1,
        update: {
          id: 'ALAS2-2026-1',
          security: true,
          type: 'security',
          severity: 'important',
          titled: [],
          described: [],
          title: 'ALAS2-2026-1: update & more',
          description: '',
          issued: Date.parse('2026-09-21T14:13:00Z') / 1000,
          updated: Date.parse('2026-09-21T14:13:00Z') / 1000,
          page: undefined,
          cves: ['CVE-2026-1', 'CVE-2026-2'],
          modules: [],
          collections: ['a-release'],
          packages: [
            {
              name: 'bash',
              evr: '0:4.2.46-34.amzn2',
              arch: 'x86_64',
              module: undefined,
              pointer: 'update:1/package:1',
            },
            {
              name: 'bash',
              evr: '1:4.2.46-34.amzn2',
              arch: 'aarch64',
              module: undefined,
              pointer: 'update:1/package:2',
            },
          ],
          faults: [],
        },
      },
    ]);
  });

  it.each([
    ['2018-01-11 21:05', '2018-01-11T21:05:00Z'],
    ['2018-01-11 21:05:59', '2018-01-11T21:05:59Z'],
    ['2026-02-03T04:05:06Z', '2026-02-03T04:05:06Z'],
    ['2026-02-03T04:05:06.789Z', '2026-02-03T04:05:06Z'],
    ['2018-01-11', undefined],
    ['2018-13-41 99:99', undefined],
    ['yesterday', undefined],
  ])('the date %s', async (issued, expected) => {
    const [update] = await read(updatesText([{ ...one, issued }]));
    expect(update).toMatchObject({
      update: { issued: expected === undefined ? undefined : Date.parse(expected) / 1000 },
    });
  });

  it('packed in any compression it says the same', async () => {
    expect(await read(gzipSync(updatesText([one])))).toEqual(await read(updatesText([one])));
  });

  it('a row of another form is told with its name, and the others count', async () => {
    const bad = [
      packageElement('bash-4.2.46-34.amzn2.x86_64').replace('version="4.2.46"', ''),
      packageElement('zlib-1.2.7-19.amzn2.x86_64').replace('epoch="0"', 'epoch="one"'),
      packageElement('bind-9.11-1.amzn2.x86_64').replace('name="bind"', 'name="../bind"'),
      packageElement('curl-7.79-1.amzn2.x86_64').replace('name="curl"', ''),
    ];
    const text = updatesText([updateElement(one).replace('</collection>', `${bad.join('')}</collection>`)]);
    const [update] = await read(text);
    expect(update).toMatchObject({
      update: {
        packages: [{ name: 'bash' }, { name: 'bash' }],
        faults: [
          { pointer: 'update:1/package:3', package: 'bash' },
          { pointer: 'update:1/package:4', package: 'zlib' },
          { pointer: 'update:1/package:5', package: '../bind' },
          { pointer: 'update:1/package:6' },
        ],
      },
    });
  });

  it('an update of another form is told with its packages, and the others are read', async () => {
    const none = updateElement(one).replace('<id>ALAS2-2026-1</id>', '');
    const twice = updateElement(one).replace('</title>', '</title><id>ALAS2-2026-9</id>');
    const odd = updateElement({ ...one, id: 'no id', packages: [] });
    const other = '<advisory><id>ALAS2-2026-7</id></advisory>';
    const all = await read(updatesText([none, twice, odd, other, one]));
    expect(all.map((each) => ('fault' in each ? each.subjects : each.update.id))).toEqual([
      [{ package: 'bash' }],
      [{ package: 'bash' }],
      [{}],
      [{}],
      'ALAS2-2026-1',
    ]);
  });

  it.each([
    ['another document', '<html/>'],
    ['a cut', updatesText([one]).slice(0, -30)],
    ['a document type', `<!DOCTYPE updates [<!ENTITY a "b">]><updates/>`],
    ['a title without an end', updatesText([{ ...one, more: `<title>${'a'.repeat(2000)}</title>` }])],
    ['nothing', ''],
  ])('%s is refused', async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  it('more rows than an update can have are refused', async () => {
    const row = packageElement('bash-4.2.46-34.amzn2.x86_64');
    for (const rows of [
      row.repeat(20_001),
      `</collection>${'<collection short="a"/>'.repeat(20_001)}<collection>`,
    ]) {
      const text = updatesText([updateElement(one).replace('</collection>', `${rows}</collection>`)]);
      await expect(read(text)).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
    }
  });

  it("gives an update's own bytes as evidence", async () => {
    const text = updatesText([{ ...one, id: 'ALAS2-2026-12' }, one]);
    const found = await updateText(bodyOf(gzipSync(text)), 'updateinfo.xml', 'ALAS2-2026-1');
    expect(found?.toString('utf8')).toBe(updateElement(one));
    expect(await updateText(bodyOf(text), 'updateinfo.xml', 'ALAS2-2026-2')).toBeUndefined();
  });
});

describe('a list of mirrors', () => {
  const list = {
    mirrors: 'https://cdn.example.test/2/core/latest/x86_64/mirror.list',
    hosts: ['packages.example.test'],
  };

  it.each([
    [
      'https://cdn.example.test/2/core/2.0/x86_64/221a4af0\n',
      'https://cdn.example.test/2/core/2.0/x86_64/221a4af0',
    ],
    ['https://elsewhere.test/a\nhttps://cdn.example.test/b/\n', 'https://cdn.example.test/b'],
    // A list over TLS leads to no mirror without it.
    [
      'http://packages.example.test/2018.03/updates/c539f2128d87/x86_64',
      'https://packages.example.test/2018.03/updates/c539f2128d87/x86_64',
    ],
  ])('%j leads to %s', (text, base) => {
    expect(mirrorIn(text, list)).toBe(base);
  });

  it.each([
    ['another host', 'https://169.254.169.254/latest/meta-data\n'],
    ['a user before the host', 'https://cdn.example.test@evil.test/a\n'],
    ['another port', 'https://cdn.example.test:8443/a\n'],
    ['a path out of it', 'https://cdn.example.test/2/../../x\n'],
    ['a query', 'https://cdn.example.test/a?b\n'],
    ['a file', 'file:///etc/passwd\n'],
    ['a path longer than any', `https://cdn.example.test/${'a'.repeat(300)}\n`],
    ['a path that is nearly one, of any length', `https://cdn.example.test${'/'.repeat(2 ** 22)}#\n`],
    ['a page', '<!DOCTYPE html><title>Sign in</title>'],
    ['nothing', ''],
  ])('with %s is refused', (_, text) => {
    expect(() => mirrorIn(text, list)).toThrow(expect.objectContaining({ code: 'SOURCE_MALFORMED' }));
  });
});

describe('fetching channels', () => {
  const limits = { malformedShare: 0.01, malformedFew: 5 };

  /** Files of a channel by path; the list of mirrors leads to the server that it is on. */
  function files(name: string, updates: Parameters<typeof channelFiles>[2]): Record<string, Behaviour> {
    const own = Object.entries(channelFiles('', `${name}/1`, updates)).slice(1);
    return {
      [`/${name}/mirror.list`]: ({ headers }, response) => response.end(`http://${headers.host}/${name}/1\n`),
      ...Object.fromEntries(own.map(([path, file]) => [`/${path}`, send(file)])),
    };
  }

  async function fetchFrom(
    store: SnapshotStore,
    behaviours: Readonly<Record<string, Behaviour>>,
    names: readonly string[] = ['core'],
  ): Promise<Snapshot[]> {
    await using server = await serve(behaviours);
    const http = createHttp({ env: {}, limits: hurriedLimits });
    const channels = names.map(
      (name): UpdateChannel => ({
        ...{ source: 'made', name, hosts: [] },
        mirrors: `${server.origin}/${name}/mirror.list`,
      }),
    );
    try {
      const context = { http, store, now: new Date('2026-12-01'), progress: () => undefined };
      return await fetchUpdates(context, channels, limits);
    } finally {
      await http.close();
    }
  }

  it('stores repomd.xml and the list that it names, by names that no mirror changes', async () => {
    const store = openSnapshotStore(temporaryFolder());
    const served = { ...files('core', [one]), ...files('bare', undefined) };
    const snapshots = await fetchFrom(store, served, ['core', 'bare', 'gone']);
    expect(snapshots.map(({ id }) => id)).toEqual([
      ...['made-updates-repomd-core', 'made-updateinfo-core', 'made-updates-repomd-bare'],
    ]);
    expect(snapshots[1]!.url).toMatch(/\/core\/repodata\/updateinfo\.xml\.gz$/);
  });

  it.each([
    ['another digest', [{ ...one, id: 'ALAS2-2026-3' }]],
    ['updates that are none', updatesText(['<other/>', '<other/>'])],
    ['another document', '<html/>'],
  ])('a list with %s is refused', async (what, updates) => {
    const store = openSnapshotStore(temporaryFolder());
    const swapped = { '/core/1/repodata/updateinfo.xml.gz': send(gzipSync(updatesText([one]))) };
    const served = { ...files('core', updates), ...(what === 'another digest' ? swapped : {}) };
    await expect(fetchFrom(store, served)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
    expect((await store.list('made')).map(({ id }) => id)).toEqual([]);
  });

  it('a channel that is gone keeps its last good list, marked', async () => {
    const store = openSnapshotStore(temporaryFolder());
    await fetchFrom(store, files('core', [one]));
    const snapshots = await fetchFrom(store, {});
    expect(snapshots.map(({ id, refused }) => [id, refused]).sort()).toEqual([
      ['made-updateinfo-core', 'FETCH_NOT_FOUND'],
      ['made-updates-repomd-core', 'FETCH_NOT_FOUND'],
    ]);
  });

  describe.each(['/core/mirror.list', '/core/1/repodata/repomd.xml', '/core/1/repodata/updateinfo.xml.gz'])(
    '%s',
    (path) => {
      it.each(misbehaviours)('from $name ends it', async ({ behaviour }) => {
        const store = openSnapshotStore(temporaryFolder());
        const served = { ...files('core', [one]), [path]: behaviour };
        await expect(fetchFrom(store, served)).rejects.toMatchObject({
          code: expect.stringMatching(/^(?:FETCH|SOURCE)_/),
        });
        expect(await store.list('made')).toEqual([]);
      });
    },
  );
});

const real = 'vendors2/amazon';

describe.skipIf(!hasData(real))('real documents', () => {
  const fixtures = 'vendors2/amazon/MaineK00n+vuls-data-update/pkg/fetch/amazon/testdata/fixtures';
  const bytes = (name: string) => readFileSync(dataPath(fixtures, name));

  it('repomd.xml of a core repository names updateinfo, and one has none', async () => {
    expect(await listedFile(bytes('repomd_valid.xml'), 'x', 'updateinfo')).toMatchObject({
      algorithm: 'sha256',
    });
    expect(await listedFile(bytes('repomd_noupdateinfo.xml'), 'x', 'updateinfo')).toBeUndefined();
    const two = repomdText({ href: 'a', digest: 'a'.repeat(64) }, { href: 'b', digest: 'b'.repeat(64) });
    await expect(
      listedFile(Buffer.from(two.replaceAll('"primary"', '"updateinfo"')), 'x', 'updateinfo'),
    ).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });

  it.each(['mirrors_linux1.txt', 'mirrors_linux2.txt'])('%s leads to a mirror', (name) => {
    const text = readFileSync(dataPath(real, 'quay+claircore/aws/testdata', name), 'utf8');
    const mirrors = 'https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list';
    const hosts = ['packages.us-west-2.amazonaws.com'];
    expect(mirrorIn(text, { mirrors, hosts })).toMatch(/^https:\/\/[\w./-]+$/);
  });

  it('broken ones are refused', async () => {
    await expect(read(bytes('updateinfo_invalid_xml.xml.gz'))).rejects.toMatchObject({
      code: 'SOURCE_MALFORMED',
    });
    // Not compressed, whatever its name.
    expect(await read(bytes('updateinfo_invalid_gzip.xml.gz'))).toHaveLength(1);
  });

  it('every update and row of the others is read', async () => {
    const found: Record<string, [updates: number, rows: number, withoutCve: number]> = {};
    const files = readdirSync(dataPath(real, 'rebuilt'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.xz'))
      .map((path) => join('rebuilt', path));
    for (const path of files) {
      const all = await read(readFileSync(dataPath(real, path)));
      const updates = all.flatMap((each) => ('update' in each ? [each.update] : []));
      expect(updates.length).toBe(all.length);
      expect(updates.flatMap(({ faults }) => faults)).toEqual([]);
      expect(updates.filter(({ issued }) => issued === undefined)).toEqual([]);
      const rows = updates.flatMap(({ packages }) => packages).length;
      found[path.slice('rebuilt/'.length, -'/updateinfo.xml.xz'.length)] = [
        ...([updates.length, rows, updates.filter(({ cves }) => cves.length === 0).length] as const),
      ];
    }
    expect(Object.keys(found).length).toBe(43);
    expect(found).toMatchObject({
      '1/updates': [1264, 21524, 11],
      '2/core': [1131, 26892, 9],
      '2/extras/kernel-5.10': [52, 1602, 0],
      '2022/core': [197, 8154, 0],
      '2023/core': [572, 14551, 7],
      '2023/kernel-livepatch': [28, 48, 0],
    });
  });
});
