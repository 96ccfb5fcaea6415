import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { Ledger } from '../../../src/model/feed/index.ts';
import { fetchRepositories } from '../../../src/sources/repodata/fetch.ts';
import { readPrimary } from '../../../src/sources/repodata/primary.ts';
import { parseRepomd } from '../../../src/sources/repodata/repomd.ts';
import { type Repository, repositoriesOf } from '../../../src/sources/repodata/repository.ts';
import { readRepositories } from '../../../src/sources/repodata/roster.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../src/sources/snapshots.ts';
import { type Behaviour, serve } from '../../support/http-server.ts';
import {
  hurriedLimits,
  misbehaviours,
  send,
  status,
  unasked304,
  webPage,
} from '../../support/misbehaviour.ts';
import {
  packageText,
  primaryText,
  type RepositoryFiles,
  repomdText,
  repositoryFiles,
  writeRepositories,
} from '../../support/repodata.ts';
import { bodyOf, findingCounts } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const digest = 'a'.repeat(64);
const listed = { href: 'repodata/x-primary.xml.gz', digest };

interface Read {
  sources: string[];
  malformed: string[];
  repeated: string[];
}

async function read(text: string | Uint8Array): Promise<Read> {
  const found: Read = { sources: [], malformed: [], repeated: [] };
  await readPrimary(bodyOf(text, 100), 'primary.xml', {
    source: ({ name, version }) => found.sources.push(`${name} ${version}`),
    malformed: (at, detail) => found.malformed.push(`${at} ${detail}`),
    repeated: (at, detail) => found.repeated.push(`${at} ${detail}`),
  });
  return found;
}

describe('repomd.xml', () => {
  const parse = (text: string) => parseRepomd(Buffer.from(text), 'repomd.xml');

  it('names the list of packages, its digest and its size', async () => {
    expect(await parse(repomdText({ ...listed, size: 77 }))).toEqual({
      ...{ href: 'repodata/x-primary.xml.gz', digest, algorithm: 'sha256', size: 77 },
    });
    expect(await parse(repomdText({ ...listed, type: 'sha512', digest: 'b'.repeat(128) }))).toMatchObject({
      ...{ algorithm: 'sha512', size: undefined },
    });
  });

  it.each([
    ['an address', { href: 'https://example.org/primary.xml.gz' }],
    ['an address without a scheme', { href: '//example.org/primary.xml.gz' }],
    ['a path from the root', { href: '/etc/passwd' }],
    ['a path out of the repository', { href: 'repodata/../../../other/primary.xml.gz' }],
    ['an encoded path out of it', { href: 'repodata/%2e%2e/primary.xml.gz' }],
    ['a query', { href: 'repodata/primary.xml.gz?x=1' }],
    ['no path', { href: '' }],
    ['a long path', { href: `repodata/${'a'.repeat(300)}` }],
    ['another base', { more: ' xml:base="https://example.org/"' }],
    ['MD5', { type: 'md5', digest: 'a'.repeat(32) }],
    ['SHA-1', { type: 'sha', digest: 'a'.repeat(40) }],
    ['a digest of another length', { digest: 'a'.repeat(40) }],
    ['a digest that is none', { digest: 'x'.repeat(64) }],
    ['no algorithm', { type: '' }],
  ])('is refused with %s', async (_, changes) => {
    await expect(parse(repomdText({ ...listed, ...changes }))).rejects.toMatchObject({
      ...{ code: 'SOURCE_MALFORMED', where: 'repomd.xml' },
    });
  });

  it.each([
    ['no list of packages', repomdText()],
    ['two', repomdText(listed, listed)],
    ['another document', '<html/>'],
    ['a document type', `<!DOCTYPE repomd [<!ENTITY a "b">]>${repomdText(listed).replace(/^.*\n/, '')}`],
    [
      'a size that is none',
      repomdText(listed).replace('</data>\n</repomd>', '<size>-1</size></data></repomd>'),
    ],
    ['a cut', repomdText(listed).slice(0, -20)],
    ['nothing', ''],
  ])('with %s is refused', async (_, text) => {
    await expect(parse(text)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
  });
});

describe('primary.xml', () => {
  it('tells the source of each package, with every build', async () => {
    const { sources } = await read(
      primaryText([
        'bash-5.1.8-9.el9.x86_64',
        'bash-doc-5.1.8-9.el9.noarch bash-5.1.8-9.el9.src.rpm',
        'perl-Errno-0:1.30-481.el9.x86_64 perl-5.32.1-481.el9.src.rpm',
        'nodejs-1:18.17.1-1.module+el9.2.0+36+853e48f5.x86_64',
        'kernel-firmware-20230815-1.x86_64 kernel-firmware-20230815-1.nosrc.rpm',
        'glibc-2.34-1.el9.src',
      ]),
    );
    expect(sources).toEqual([
      'bash 5.1.8-9.el9',
      'bash 5.1.8-9.el9',
      'perl 5.32.1-481.el9',
      'nodejs 18.17.1-1.module+el9.2.0+36+853e48f5',
      'kernel-firmware 20230815-1',
      'glibc 2.34-1.el9',
    ]);
  });

  it('a package of another form is told, and the others are read', async () => {
    const good = packageText('bash-5.1.8-9.el9.x86_64');
    const bad = [
      good.replace('<name>bash', '<name>'),
      good.replace('<name>bash', '<name>../bash'),
      good.replace('<name>bash</name>', '<name>bash</name><name>zlib</name>'),
      good.replace('<arch>x86_64', '<arch>'),
      good.replace('rel="9.el9"', ''),
      good.replace('ver="5.1.8"', 'ver="5.1 8"'),
      good.replace('bash-5.1.8-9.el9.src.rpm', ''),
      good.replace('bash-5.1.8-9.el9.src.rpm', 'bash.src.rpm'),
      good.replace('bash-5.1.8-9.el9.src.rpm', 'ba sh-5.1.8-9.el9.src.rpm'),
      good.replace('type="rpm"', 'type="deb"'),
      '<other/>',
    ];
    const { sources, malformed } = await read(
      primaryText([]).replace('\n\n</metadata>', `${good}${bad.join('')}</metadata>`),
    );
    expect(sources).toEqual(['bash 5.1.8-9.el9']);
    expect(malformed).toHaveLength(bad.length);
    expect(malformed[0]).toBe('2 no name of a package: ""');
  });

  it('a package that is listed again is told', async () => {
    const { sources, repeated } = await read(primaryText(['a-1-1.x86_64', 'a-1-1.i686', 'a-1-1.x86_64']));
    expect([sources.length, repeated]).toEqual([2, ['3 a-0:1-1.x86_64']]);
  });

  it('a source of an element that is not the package is not read', async () => {
    const text = packageText('a-1-1.x86_64').replace(
      '<rpm:provides>',
      '<rpm:provides><rpm:sourcerpm>evil-1-1.src.rpm</rpm:sourcerpm>',
    );
    expect(await read(primaryText([]).replace('\n\n', text))).toEqual({
      ...{ sources: ['a 1-1'], malformed: [], repeated: [] },
    });
  });

  const bomb = `<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`;
  it.each([
    [
      'an entity bomb',
      bomb + primaryText(['a-1-1.x86_64']).replace(/^.*\n/, '').replace('<name>a', '<name>&b;'),
    ],
    [
      'an entity of a file',
      `<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>${primaryText([]).slice(39)}`,
    ],
    ['another document', '<repomd xmlns="http://linux.duke.edu/metadata/repo"/>'],
    ['another namespace', primaryText([]).replace('/common', '/other')],
    ['a cut', primaryText(['a-1-1.x86_64']).slice(0, -30)],
    ['a gzip that is cut', gzipSync(primaryText(['a-1-1.x86_64'])).subarray(0, -30)],
    ['nothing', ''],
    ['deep elements', primaryText([]).replace('\n\n', `${'<a>'.repeat(30)}${'</a>'.repeat(30)}`)],
    ['a long name', primaryText([`${'a'.repeat(2000)}-1-1.x86_64`])],
    ['bytes that are no text', Buffer.from([0x3c, 0, 1, 2, 3, 0xff, 0xfe])],
  ])('%s is refused', async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED', where: 'primary.xml' });
  });

  it('of more packages than any repository has is refused before it fills the memory', async () => {
    async function* endless() {
      const [head] = primaryText([]).split('\n\n');
      yield Buffer.from(head!);
      for (let at = 0; ; at += 1000)
        yield Buffer.from(
          Array.from(
            { length: 1000 },
            (_, each) => `<package type="rpm"><name>p${at + each}</name></package>`,
          ).join(''),
        );
    }
    const reading = readPrimary(endless(), 'primary.xml', {
      ...{ source: () => {}, malformed: () => {}, repeated: () => {} },
    });
    await expect(reading).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  });
});

const names = ['9/BaseOS/x86_64/os', '9/AppStream/x86_64/os'];
const repositories = (origin: string) => repositoriesOf('test', { packages: origin, repositories: names });

async function fetchFrom(
  wanted: readonly Repository[],
  store: SnapshotStore,
  told: string[] = [],
): Promise<Snapshot[]> {
  const http = createHttp({ env: {}, limits: hurriedLimits });
  try {
    return await fetchRepositories(
      { http, store, now: new Date('2026-11-24'), progress: (text) => void told.push(text) },
      wanted,
    );
  } finally {
    await http.close();
  }
}

async function rosterOf(wanted: readonly Repository[], snapshots: readonly Snapshot[], store: SnapshotStore) {
  const ledger = new Ledger('test');
  const { inputs, roster, marks } = await readRepositories(
    wanted,
    snapshots,
    store,
    ledger,
    'feeds/test.json#9',
  );
  const lines = [...(roster ?? [])].map(
    ([name, { version, builds }]) => `${name} ${version} of ${builds?.join(', ')}`,
  );
  return { inputs, lines, marks, findings: findingCounts(ledger) };
}

const baseOs = repositoryFiles([
  'bash-5.1.8-9.el9.x86_64',
  'bash-5.1.8-6.el9.x86_64',
  'zlib-1.2.11-40.el9.i686',
]);
const appStream = repositoryFiles(
  ['nginx-1:1.20.1-14.el9.x86_64', 'nginx-core-1:1.20.1-14.el9.x86_64 nginx-1.20.1-14.el9.src.rpm'],
  'zst',
);

function behavioursOf(files: Readonly<Record<string, RepositoryFiles>>): Record<string, Behaviour> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([name, { repomd, href, primary }]) => [
      [`/${name}/repodata/repomd.xml`, send(repomd)],
      [`/${name}/${href}`, send(primary)],
    ]),
  );
}

const both = { [names[0]!]: baseOs, [names[1]!]: appStream };
const whole = [
  'bash 5.1.8-9.el9 of 5.1.8-6.el9, 5.1.8-9.el9',
  'nginx 1.20.1-14.el9 of 1.20.1-14.el9',
  'zlib 1.2.11-40.el9 of 1.2.11-40.el9',
];

describe('the repositories of a release', () => {
  it('together are its roster, and are read again only when they change', async () => {
    const asked: string[] = [];
    const behaviours = Object.fromEntries(
      Object.entries(behavioursOf(both)).map(([path, behaviour]): [string, Behaviour] => [
        path,
        (...exchange) => {
          asked.push(path);
          behaviour(...exchange);
        },
      ]),
    );
    await using server = await serve(behaviours);
    const [wanted, store] = [repositories(server.origin), openSnapshotStore(temporaryFolder())];
    const snapshots = await fetchFrom(wanted, store);
    expect(snapshots.map(({ id }) => id)).toEqual([
      ...['test-repomd-9-BaseOS-x86_64-os', 'test-primary-9-BaseOS-x86_64-os'],
      ...['test-repomd-9-AppStream-x86_64-os', 'test-primary-9-AppStream-x86_64-os'],
    ]);
    expect(await rosterOf(wanted, snapshots, store)).toEqual({
      ...{ inputs: snapshots.map(({ id }) => id), lines: whole, marks: [], findings: {} },
    });
    expect(asked).toHaveLength(4);
    expect(await fetchFrom(wanted, store)).toEqual(snapshots);
    expect(asked.slice(4).every((path) => path.endsWith('repomd.xml'))).toBe(true);
  });

  it('without one of them there is no roster, and with none the mark alone', async () => {
    await using server = await serve(behavioursOf({ [names[0]!]: baseOs }));
    const [wanted, store] = [repositories(server.origin), openSnapshotStore(temporaryFolder())];
    const snapshots = await fetchFrom(wanted, store);
    const none = { inputs: [], lines: [], marks: ['no_package_list'] };
    expect(await rosterOf(wanted, snapshots, store)).toEqual({ ...none, findings: { roster_incomplete: 1 } });
    expect(await rosterOf(wanted, [], store)).toEqual({ ...none, findings: {} });
    expect(await rosterOf([], [], store)).toEqual({ ...none, findings: {} });
  });

  const wrongBytes = { ...baseOs, primary: gzipSync(primaryText(['evil-1-1.x86_64'])) };
  const fewGood = primaryText([]).replace('\n\n', `${packageText('a-1-1.x86_64')}${'<other/>'.repeat(9)}`);
  const path = `/${names[0]}/repodata/repomd.xml`;
  const wrongLists: [string, Record<string, Behaviour>, string][] = [
    ...[...misbehaviours, { name: 'gone', behaviour: status(404), code: 'FETCH_NOT_FOUND' }].map(
      ({ name, behaviour, code }): [string, Record<string, Behaviour>, string] => [
        name,
        { [path]: behaviour },
        // These begin as no XML does.
        ['a body that is always cut', 'a body that stops coming'].includes(name) ? 'SOURCE_MALFORMED' : code,
      ],
    ),
    ['not modified, unasked', { [path]: unasked304 }, 'FETCH_FAILED'],
    ["a proxy's page", { [path]: webPage }, 'SOURCE_MALFORMED'],
    ['no bytes', { [path]: send('') }, 'SOURCE_MALFORMED'],
    [
      'a digest that the list of packages does not have',
      behavioursOf({ [names[0]!]: { ...wrongBytes, repomd: repomdText({ href: wrongBytes.href, digest }) } }),
      'SOURCE_MALFORMED',
    ],
    [
      'a list of packages of a later state',
      { [path]: send(repomdText({ href: 'repodata/later.xml.gz', digest })) },
      'FETCH_NOT_FOUND',
    ],
    [
      'a path to another server',
      { [path]: send(repomdText({ href: 'http://127.0.0.1:1/x.xml.gz', digest })) },
      'SOURCE_MALFORMED',
    ],
    ['packages of another form', behavioursOf({ [names[0]!]: repositoryFiles(fewGood) }), 'SOURCE_MALFORMED'],
    [
      'a list of packages that is cut',
      behavioursOf({ [names[0]!]: repositoryFiles(primaryText(['a-1-1.x86_64']).slice(0, -40)) }),
      'SOURCE_MALFORMED',
    ],
  ];
  it.each(wrongLists)('%s leaves the last good list, marked', async (_, wrong, code) => {
    const behaviours = behavioursOf(both);
    await using server = await serve(behaviours);
    const [wanted, store] = [repositories(server.origin), openSnapshotStore(temporaryFolder())];
    const before = await fetchFrom(wanted, store);
    Object.assign(behaviours, wrong);
    const told: string[] = [];
    const after = await fetchFrom(wanted, store, told);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2).map((snapshot) => ({ ...snapshot, refused: code })));
    expect((await rosterOf(wanted, after, store)).lines).toEqual(whole);
    expect(told.some((text) => text.startsWith('test-repomd-9-BaseOS-x86_64-os: '))).toBe(true);

    Object.assign(behaviours, behavioursOf(both));
    expect((await fetchFrom(wanted, store)).every(({ refused }) => refused === undefined)).toBe(true);
  });

  it('of a server that does not answer are not all waited for', async () => {
    let asked = 0;
    const many = Array.from({ length: 20 }, (_, at) => `${at}/os`);
    const closing: Behaviour = (request) => {
      asked += 1;
      request.socket.destroy();
    };
    await using server = await serve(
      Object.fromEntries(many.map((name) => [`/${name}/repodata/repomd.xml`, closing])),
    );
    const wanted = repositoriesOf('test', { packages: server.origin, repositories: many });
    expect(await fetchFrom(wanted, openSnapshotStore(temporaryFolder()))).toEqual([]);
    // Four at once, each tried again once.
    expect(asked).toBeLessThanOrEqual(8);
  });

  it('a list of packages that repomd.xml does not know is not used', async () => {
    await using server = await serve(behavioursOf(both));
    const [wanted, store] = [repositories(server.origin), openSnapshotStore(temporaryFolder())];
    const snapshots = await fetchFrom(wanted, store);
    const other = await store.save({ ...snapshots[1]! }, bodyOf(gzipSync(primaryText(['a-1-1.x86_64']))));
    const { lines, marks, findings } = await rosterOf(wanted, snapshots.with(1, other), store);
    expect([lines, marks, findings]).toEqual([
      [],
      ['no_package_list'],
      { package_list_not_listed: 1, roster_incomplete: 1 },
    ]);
  });

  it('a longer digest counts as well', async () => {
    const longer = createHash('sha512').update(baseOs.primary).digest('hex');
    const files = { ...baseOs, repomd: repomdText({ href: baseOs.href, digest: longer, type: 'sha512' }) };
    await using server = await serve(behavioursOf({ ...both, [names[0]!]: files }));
    const [wanted, store] = [repositories(server.origin), openSnapshotStore(temporaryFolder())];
    const snapshots = await fetchFrom(wanted, store);
    expect((await rosterOf(wanted, snapshots, store)).lines).toEqual(whole);
    expect(await fetchFrom(wanted, store)).toEqual(snapshots);
  });

  it('records of another form, repeated ones and a wrong count are findings', async () => {
    const good = Array.from({ length: 20 }, (_, at) => `p${at}-1-1.x86_64`);
    const text = primaryText([...good, 'p0-1-1.x86_64'], 99).replace('</metadata>', '<other/></metadata>');
    const mirror = temporaryFolder();
    writeRepositories(mirror, { [`example.org/${names[1]}`]: ['nginx-1-1.x86_64'] });
    await using server = await serve(behavioursOf({ ...both, [names[0]!]: repositoryFiles(text, '') }));
    const [wanted, store] = [repositories(server.origin), openSnapshotStore(temporaryFolder())];
    const { lines, findings } = await rosterOf(wanted, await fetchFrom(wanted, store), store);
    expect(lines).toHaveLength(21);
    expect(findings).toEqual({
      index_record_malformed: 1,
      index_record_repeated: 1,
      package_count_differs: 1,
    });
  });
});
