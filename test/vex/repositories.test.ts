import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { Collector } from '../../src/feed/compile/index.ts';
import { withSignal } from '../../src/io/cancellation.ts';
import { judge, openFeed, openImage, readInventory } from '../../src/library/index.ts';
import type { Manifest } from '../../src/model/feed/index.ts';
import type { ViewedVerdict } from '../../src/model/verdict/index.ts';
import { splitFeed, unownedFiles } from '../../src/publish/feed/part.ts';
import { offlineSnapshots, openSnapshotStore } from '../../src/sources/snapshots.ts';
import { applyVex, type ImageIdentity, readVexDocument } from '../../src/vex/index.ts';
import { vexSource } from '../../src/vex/repositories/index.ts';
import { locationIn, splitLocation } from '../../src/vex/repositories/list.ts';
import { debianRelease, project, rootWith, stanza } from '../support/cli.ts';
import { runHere } from '../support/command.ts';
import { deb } from '../support/small-feed.ts';
import { tarOf } from '../support/tar.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { zipOf } from '../support/zip.ts';

const cve = 'CVE-2025-9086';

function document(products: readonly unknown[], rest: object = {}): string {
  const statement = {
    vulnerability: { name: cve },
    products,
    status: 'not_affected',
    justification: 'vulnerable_code_not_in_execute_path',
    timestamp: '2026-01-01T00:00:00Z',
    ...rest,
  };
  return JSON.stringify({
    '@context': 'https://openvex.dev/ns/v0.2.0',
    author: 'the hub',
    statements: [statement],
  });
}

/** As Docker's hub has them: a document for each package, names with a plus listed encoded and not. */
const hardened = {
  'advisories-1/index.json': JSON.stringify({
    updated_at: '2036-07-30T17:20:29Z',
    packages: [
      { id: 'pkg:deb/debian/curl', location: 'pkg/deb/curl.vex.json' },
      { id: 'pkg:deb/debian/libstdc%2B%2B6', location: 'pkg/deb/stdc.vex.json' },
      { id: 'pkg:deb/debian/libstdc++6', location: 'pkg/deb/stdc.vex.json' },
      { id: 'pkg:deb/debian/tar', location: '../../etc/passwd' },
      { id: 'pkg:deb/debian/bash', location: 'pkg/deb/broken.vex.json' },
      { id: 'debian/zlib', location: 'pkg/deb/stdc.vex.json' },
    ],
  }),
  'advisories-1/pkg/deb/curl.vex.json': document(['pkg:deb/debian/curl@99-1', 'pkg:deb/debian/tar']),
  'advisories-1/pkg/deb/stdc.vex.json': document(['pkg:deb/debian/libstdc++6@12']),
  'advisories-1/pkg/deb/broken.vex.json': '{"@context":"https://openvex.dev/ns/v0.2.0","statements":{}}',
};

/** As Rancher's hub has them: an index with a version and without a date, documents about images. */
const rancher = {
  'vexhub-main/index.json': JSON.stringify({
    version: 1,
    packages: [
      {
        id: 'pkg:oci/app?repository_url=index.docker.io%2Francher%2Fapp',
        location: 'pkg/oci/index.docker.io/rancher/app/scan.openvex.json',
      },
    ],
  }),
  'vexhub-main/pkg/oci/index.docker.io/rancher/app/scan.openvex.json': document([
    {
      '@id': 'pkg:oci/app?repository_url=index.docker.io/rancher/app',
      subcomponents: [{ '@id': 'pkg:deb/debian/curl' }],
    },
  ]),
};

const manifestOf = (url: string) =>
  JSON.stringify({
    name: 'hub',
    versions: [{ spec_version: '0.1', locations: [{ url }], update_interval: '4h' }],
  });

const mirror = temporaryFolder('vex-mirror');
const list = join(mirror, 'list.json');
cpSync(join(project, 'feeds/sample'), mirror, { recursive: true });
const hub = join(mirror, 'hub.example');
mkdirSync(hub);
writeFileSync(join(hub, 'hardened.zip'), zipOf(hardened));
writeFileSync(join(hub, 'main.tar.gz'), gzipSync(tarOf(rancher)));
writeFileSync(join(hub, 'vex-repository.json'), manifestOf('https://hub.example/main.tar.gz//vexhub-main'));
writeList();

function writeList(pin: object = {}) {
  const repositories = [
    { name: 'hardened', archive: 'https://hub.example/hardened.zip', licence: 'Apache-2.0', ...pin },
    { name: 'rancher', manifest: 'https://hub.example/vex-repository.json', licence: 'CC-BY-4.0' },
  ];
  writeFileSync(list, JSON.stringify({ repositories }));
}

const snapshots = temporaryFolder('vex-snapshots');

function build(out: string, ...more: string[]) {
  const args = ['--source', 'debian', '--platform', 'debian-12', '--no-ratings', '--no-oval', '--strict'];
  const from = ['--mirror', mirror, '--unsigned-mirror', '--vex-repositories', list];
  return runHere([
    'build',
    ...args,
    ...(more.length > 0 ? more : from),
    '--snapshots',
    snapshots,
    '--out',
    out,
  ]);
}

describe('a feed with VEX repositories', () => {
  const feed = join(temporaryFolder('vex-feed'), 'feed');
  const image = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': stanza('curl', '99-1'),
  });
  const scan = (...args: string[]) =>
    runHere([
      'scan',
      `dir:${image}`,
      '--feed',
      feed,
      '--max-age',
      '0',
      '--fail-on',
      'any',
      '--no-policy',
      ...args,
    ]);
  const manifest = () => JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as Manifest;

  beforeAll(async () => {
    const { code, err } = await build(feed);
    expect(code, err).toBe(0);
  }, 60_000);

  it('pins each archive by its digest, and counts what it cannot use', async () => {
    const { inputs, sources } = manifest();
    expect(inputs.filter(({ source }) => source === 'vex').map(({ id, date }) => [id, date])).toEqual([
      ['vex-hardened', '2036-07-30T17:20:29Z'],
      ['vex-rancher', undefined],
      ['vex-rancher.manifest', undefined],
      ['vex.list', undefined],
    ]);
    const { used, findings } = sources.find(({ id }) => id === 'vex')!;
    expect(used).toBe(3);
    expect(findings.map(({ reason, count }) => [reason, count]).sort()).toEqual([
      ['document_absent', 1],
      ['document_refused', 1],
      ['invalid_purl', 1],
      ['repeated', 1],
    ]);
    expect((await runHere(['feeds', '--feed', feed])).out).toContain(
      'VEX repositories hardened, rancher of 2036-07-30',
    );
  });

  it('is dated by its vulnerability data, and not by a repository', () => {
    const { created, platforms } = manifest();
    expect(created).toBe(platforms[0]!.updated);
  });

  it('clears nothing unless a scan names the repository', async () => {
    const { code, out } = await scan();
    expect(out).toContain(cve);
    expect(code).toBe(1);
  });

  it('names repository and document of what it clears', async () => {
    const { code, out } = await scan('--vex', 'feed:hardened', '--show-ignored', '-o', 'csv');
    const where = 'feed:hardened/pkg/deb/curl.vex.json#/statements/0';
    expect(out).toContain(`cleared by VEX: not affected: vulnerable code not in execute path (${where})`);
    expect(code).toBe(0);
  });

  it('is named for the library and for `check` in the same way', async () => {
    const opened = await openImage(`dir:${image}`);
    const given = { image: opened, maxAge: 0, vex: ['feed:hardened'] };
    const { result } = await judge(readInventory(opened), openFeed(feed), given);
    expect(result.verdicts.map(({ vulnerability, ignored }) => [vulnerability, ignored?.by])).toContainEqual([
      cve,
      'vex',
    ]);

    const args = [
      '--feed',
      feed,
      '--max-age',
      '0',
      '--fail-on',
      'any',
      '--no-policy',
      '--vex',
      'feed:hardened',
    ];
    const { out } = await runHere(['check', `dir:${image}`, ...args]);
    expect(out).not.toContain(cve);
  });

  it('uses a document about an image for this image alone', async () => {
    const { code, out } = await scan('--vex', 'feed:rancher');
    expect(out).toContain(cve);
    expect(code).toBe(1);
  });

  it('lifts only what the policy gives the repository', async () => {
    const policy = join(temporaryFolder(), 'policy.yaml');
    const right = (purls: string) => {
      writeFileSync(
        policy,
        JSON.stringify({ vex: [{ by: [{ repository: 'hardened' }], purls, statuses: 'not_affected' }] }),
      );
      const args = ['--feed', feed, '--max-age', '0', '--fail-on', 'any', '--policy', policy];
      return runHere(['scan', `dir:${image}`, ...args, '--vex', 'feed:hardened']);
    };
    expect((await right('pkg:deb/debian/cur*')).code).toBe(0);
    const { code, out } = await right('pkg:golang/*');
    expect(out).toContain('gives the repository hardened no right to lift it');
    expect(code).toBe(1);
  });

  it('ends with 3 for a repository that the feed does not carry', async () => {
    const { code, err } = await scan('--vex', 'feed:other');
    expect(err).toContain('the feed carries no VEX repository other; it carries hardened, rancher');
    expect(code).toBe(3);
  });

  it('is made again from its snapshots, byte for byte, and is published as a part of its own', async () => {
    const again = join(temporaryFolder('vex-again'), 'feed');
    const { code, err } = await build(again, '--offline', '--vex-repositories', list);
    expect(code, err).toBe(0);
    const read = (root: string) => readFileSync(join(root, 'manifest.json'), 'utf8');
    expect(read(again)).toBe(read(feed));
    expect(unownedFiles(manifest())).toEqual([]);
    const part = splitFeed(feed, { oval: false, content: false }).find(({ platform }) => platform === 'vex')!;
    expect(part.manifest.outputs.map(({ path }) => path)).toEqual([
      'index/vex.jsonl',
      'index/vex.offsets.json',
    ]);
    expect(part.manifest.platforms).toEqual([]);
  });

  it('refuses an archive that is not the pinned one', async () => {
    writeList({ sha256: '0'.repeat(64) });
    const { code, err } = await build(join(temporaryFolder(), 'feed'));
    writeList();
    expect(err).toContain('SOURCE_DIGEST_WRONG');
    expect(code).toBe(3);
  });
});

it.each(['null', '[]', '{}', '{"packages":{"id":"pkg:deb/debian/curl"}}'])(
  'an index without a list of packages is refused: %s',
  async (index) => {
    writeFileSync(join(hub, 'hardened.zip'), zipOf({ ...hardened, 'advisories-1/index.json': index }));
    const { code, err } = await build(join(temporaryFolder(), 'feed'));
    writeFileSync(join(hub, 'hardened.zip'), zipOf(hardened));
    expect(err).toContain('SOURCE_MALFORMED');
    expect(err).toContain('its index.json has no list of packages');
    expect(code).toBe(3);
  },
);

/** Sets the mark of encryption of the one entry of an archive. */
function encrypted(zip: Buffer): Buffer {
  zip.writeUInt16LE(0x801, zip.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02])) + 8);
  return zip;
}

describe('a hostile repository', () => {
  const good = document(['pkg:deb/debian/curl']);
  const index = JSON.stringify({ packages: [{ id: 'pkg:deb/debian/curl', location: 'x.json' }] });
  const indexed = (content: string, name = 'x.json') => [
    { name: 'index.json', content: index },
    { name, content },
  ];
  /** Reads an archive from a store, as a build does. */
  const read = async (archive: Buffer, signal?: AbortSignal) => {
    const store = openSnapshotStore(temporaryFolder());
    const repositories = [{ name: 'h', archive: 'https://hub.example/h.zip', licence: 'MIT' }];
    const contents = { 'vex.list': JSON.stringify({ repositories }), 'vex-h': archive };
    for (const [id, content] of Object.entries(contents))
      await store.save(
        { id, source: 'vex', url: 'https://hub.example/h.zip' },
        Readable.from([Buffer.from(content)]),
      );
    const inputs = await offlineSnapshots(store, 'vex');
    const collector = new Collector('vex');
    await withSignal(signal, () => vexSource().read(inputs, store, collector));
    return collector.ledger;
  };
  const many = (count: number, text: string) => Array.from({ length: count }, () => text).join();
  const beside = `"products":[${many(400, '"pkg:a/b"')}],"subcomponents":[${many(400, '"pkg:a/b"')}]`;

  it.each<[string, Buffer, string]>([
    ['a document twice', zipOf([...indexed(good), { name: './x.json', content: good }]), 'has it twice'],
    ['XML as JSON', zipOf(indexed('<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>')), 'document_refused'],
    ['a byte order mark', zipOf(indexed(`\uFEFF${good}`)), 'document_refused'],
    ['more values than a document has', zipOf(indexed(`{"x":[${many(260_000, '{}')}]}`)), '250000 values'],
    ['lists that multiply', zipOf(indexed(`{"statements":[{${beside}}]}`)), '100000 pairs'],
    ['a document outside of the folder', zipOf(indexed(good, '../x.json')), 'document_absent'],
  ])('has %s: it is counted and not used', async (_, archive, reason) => {
    const ledger = await read(archive);
    expect([ledger.used, ledger.dropped]).toEqual([0, 1]);
    expect(JSON.stringify(ledger.findings())).toContain(reason);
  });

  it.each<[string, Buffer, string]>([
    ['an encrypted index', encrypted(zipOf({ 'index.json': index })), 'SOURCE_MALFORMED'],
    [
      'two indexes',
      zipOf([...indexed(good), { name: 'a/../index.json', content: index }]),
      'SOURCE_MALFORMED',
    ],
    ['a cut archive', zipOf(indexed(good)).subarray(0, -30), 'SOURCE_MALFORMED'],
    [
      'an index of empty entries',
      zipOf({ 'index.json': `{"packages":[${many(200_001, '{}')}]}` }),
      'SOURCE_TOO_LARGE',
    ],
    [
      'many documents of nothing',
      zipOf(Array.from({ length: 20 }, (__, at) => ({ name: `${at}.json`, content: ' '.repeat(2 ** 20) }))),
      'SOURCE_TOO_LARGE',
    ],
  ])('with %s is refused', async (_, archive, fault) => {
    await expect(read(archive)).rejects.toMatchObject({ code: fault });
  });

  it('is read in parts, between which the work can be cancelled', async () => {
    const controller = new AbortController();
    const documents = Array.from({ length: 200 }, (_, at) => ({ name: `${at}.json`, content: good }));
    const packages = documents.map(({ name }, at) => ({ id: `pkg:deb/debian/p${at}`, location: name }));
    const archive = zipOf([...documents, { name: 'index.json', content: JSON.stringify({ packages }) }]);
    expect((await read(archive)).used).toBe(200);
    setTimeout(() => controller.abort(new Error('stopped')), 1);
    await expect(read(archive, controller.signal)).rejects.toThrow('stopped');
  });
});

it.each<[string, (count: number) => string]>([
  [
    'qualifiers of a package URL',
    (count) =>
      document([
        {
          '@id': 'a',
          identifiers: {
            purl: `pkg:deb/a?${Array.from({ length: count }, (_, at) => `q${at}=1`).join('&')}`,
          },
        },
      ]),
  ],
  [
    'products of CSAF with one long reason',
    (count) => {
      const ids = Array.from({ length: count / 20 }, (_, at) => `p${at}`);
      const names = ids.map((id) => ({ product_id: id, name: id }));
      return JSON.stringify({
        document: {
          csaf_version: '2.0',
          category: 'csaf_vex',
          title: 't',
          publisher: {},
          tracking: { status: 'final' },
        },
        product_tree: { full_product_names: names },
        vulnerabilities: [
          {
            cve,
            product_status: { known_not_affected: ids },
            threats: [{ category: 'impact', details: 'x '.repeat(count), product_ids: ids }],
          },
        ],
      });
    },
  ],
])('%s take time by their number', (_, made) => {
  const timeOf = (count: number) => {
    const bytes = Buffer.from(made(count));
    const start = process.cpuUsage().user;
    readVexDocument(bytes, 'hub.json');
    return process.cpuUsage().user - start;
  };
  timeOf(5000);
  expect(timeOf(80_000)).toBeLessThan(2_000_000);
});

describe('the manifest of a repository', () => {
  const read = (text: string) => locationIn(Buffer.from(text), 'vex-repository.json');

  it('names an archive, and the folder in it', () => {
    expect(read(manifestOf('https://hub.example/main.tar.gz//a/b/'))).toEqual({
      url: 'https://hub.example/main.tar.gz',
      folder: 'a/b',
    });
    expect(splitLocation('https://hub.example/x.zip')).toEqual({
      url: 'https://hub.example/x.zip',
      folder: '',
    });
  });

  it.each([
    [
      'another version of the specification',
      '{"versions":[{"spec_version":"0.10","locations":[{"url":"https://a/b"}]}]}',
    ],
    ['no https', manifestOf('http://hub.example/main.tar.gz')],
    ['no location', '{"versions":[{"spec_version":"0.1","locations":[]}]}'],
    ['another type', '{"versions":{"spec_version":"0.1"}}'],
    ['a name twice', '{"versions":[],"versions":[]}'],
    ['no JSON', '<html>'],
  ])('is refused with %s', (_, text) => {
    expect(() => read(text)).toThrow(/VEX repositories: /);
  });
});

describe('statements of hubs', () => {
  const verdict: ViewedVerdict = {
    vulnerability: cve,
    platform: 'debian-12',
    package: deb('curl', '99-1', 'curl'),
    status: 'affected',
    fixState: 'none_yet',
    severity: 'low',
    advisories: [],
    marks: [],
    evidence: 'x',
  };
  const os = { id: 'debian', versionId: '12', codename: 'bookworm', found: '/etc/os-release' } as const;
  const imageAs = (reference: string): ImageIdentity => ({ reference, os: { ...os }, architecture: 'amd64' });
  const own = imageAs('registry:docker.io/rancher/app:1');
  const clears = (products: readonly unknown[], image = own) => {
    const { verdicts } = applyVex(
      [verdict],
      [readVexDocument(Buffer.from(document(products)), 'hub.json')],
      image,
      new Date('2026-08-01'),
    );
    return verdicts[0]!.ignored !== undefined;
  };
  const inImage = (id: string) => [{ '@id': id, subcomponents: [{ '@id': 'pkg:deb/debian/curl' }] }];

  it.each<[string, readonly unknown[], boolean]>([
    ['a package in its version', ['pkg:deb/debian/curl@99-1'], true],
    ['a package in every version', ['pkg:deb/debian/curl'], true],
    [
      'other versions, with the package itself beside them',
      ['pkg:deb/debian/curl@98-1', 'pkg:deb/debian/curl'],
      false,
    ],
    [
      'this version, with the package itself beside it',
      ['pkg:deb/debian/curl', 'pkg:deb/debian/curl@99-1'],
      true,
    ],
    ['versions of another package', ['pkg:deb/debian/tar@1', 'pkg:deb/debian/curl'], true],
    [
      "Docker's names of the release",
      ['pkg:deb/debian/curl@99-1?os_distro=bookworm&os_name=debian&os_version=12'],
      true,
    ],
    ...['os_distro=trixie', 'os_version=13', 'os_name=dhi&os_version=12'].map(
      (other): [string, string[], boolean] => [
        `another release by them (${other})`,
        [`pkg:deb/debian/curl@99-1?${other}`],
        false,
      ],
    ),
    ['a qualifier that the package does not have', ['pkg:deb/debian/curl@99-1?os_name=dhi'], false],
    ['a repository of source code', ['pkg:github/curl/curl'], false],
    ['a module of Go of that name', ['pkg:golang/curl'], false],
    [
      'an image with its name in repository_url',
      inImage('pkg:oci/app?repository_url=index.docker.io/rancher/app'),
      true,
    ],
    ['one without it', inImage('pkg:oci/app?repository_url=index.docker.io/rancher'), true],
    ['one that is encoded', inImage('pkg:oci/app?repository_url=docker.io%2Francher%2Fapp'), true],
    ['an image without a host', inImage('pkg:oci/app?repository_url=rancher/app'), true],
    [
      'an image of another registry',
      inImage('pkg:oci/app?repository_url=registry.suse.com/rancher/app'),
      false,
    ],
    ['its tag', inImage('pkg:oci/app?repository_url=docker.io/rancher/app&tag=1'), true],
    ['another tag', inImage('pkg:oci/app?repository_url=docker.io/rancher/app&tag=2'), false],
    ['a program that is not known to be the whole', inImage('pkg:golang/github.com/rancher/app'), false],
  ])('about %s', (_, products, cleared) => {
    expect(clears(products)).toBe(cleared);
  });

  describe('about a program of Go', () => {
    const program = { name: 'github.com/rancher/wharfie', version: 'v1.2.0' };
    const statement = (product: unknown, rest: object = {}) =>
      readVexDocument(Buffer.from(document([product], rest)), 'hub.json');
    const module = (linked: object) => ({
      ...verdict,
      package: {
        ...{ type: 'golang' as const, name: 'golang.org/x/crypto', version: 'v0.17.0', arch: '' },
        ...{ source: { name: 'golang.org/x/crypto', version: 'v0.17.0' }, database: 'usr/bin/wharfie' },
        ...linked,
      },
    });
    const cleared = (product: unknown, linked: object, rest?: object) => {
      const { verdicts } = applyVex(
        [module(linked)],
        [statement(product, rest)],
        own,
        new Date('2026-08-01'),
      );
      return verdicts[0]!.ignored !== undefined;
    };
    const within = (id: string, part = 'pkg:golang/golang.org/x/crypto@v0.17.0') => ({
      '@id': id,
      subcomponents: [{ '@id': part }],
    });
    const wharfie = 'pkg:golang/github.com/rancher/wharfie';

    it.each<[string, unknown, object, boolean]>([
      ['its module, in the program', within(wharfie), { program }, true],
      ['in its version', within(`${wharfie}@v1.2.0`), { program }, true],
      [
        'its module, as Go writes no v',
        within(`${wharfie}@1.2.0`, 'pkg:golang/golang.org/x/crypto@0.17.0'),
        { program },
        true,
      ],
      ['the program as a whole', `${wharfie}@v1.2.0`, { program }, true],
      ['in another version', within(`${wharfie}@v1.3.0`), { program }, false],
      [
        'in a version, where its own is not known',
        within(`${wharfie}@v1.2.0`),
        { program: { name: program.name } },
        false,
      ],
      ['another module', within(wharfie, 'pkg:golang/golang.org/x/net'), { program }, false],
      [
        'a module in another version',
        within(wharfie, 'pkg:golang/golang.org/x/crypto@v0.18.0'),
        { program },
        false,
      ],
      ['another program', within('pkg:golang/github.com/rancher/other'), { program }, false],
      ['another program as a whole', 'pkg:golang/github.com/rancher/other', { program }, false],
      ['a program, of a module of which the program is not known', within(wharfie), {}, false],
      ['a program with a digest', within(`${wharfie}@sha256:${'a'.repeat(64)}`), { program }, false],
    ])('%s', (_, product, linked, is) => {
      expect(cleared(product, linked)).toBe(is);
    });

    it('that is affected is not cleared, whatever is said of its module elsewhere', () => {
      const documents = [
        statement(within(wharfie), { status: 'affected' }),
        statement('pkg:golang/golang.org/x/crypto', { timestamp: '2026-02-01T00:00:00Z' }),
      ];
      const { verdicts } = applyVex([module({ program })], documents, own, new Date('2026-08-01'));
      expect(verdicts[0]!.ignored).toBeUndefined();
    });
  });

  it('about an image hold for no other one', () => {
    const products = inImage('pkg:oci/app?repository_url=index.docker.io/rancher/app');
    expect(clears(products, imageAs('registry:docker.io/acme/app:1'))).toBe(false);
  });
});
