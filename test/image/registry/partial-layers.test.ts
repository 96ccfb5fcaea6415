import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSubject } from '../../../src/cli/options/subject.ts';
import { type ImageReadOptions, openImage } from '../../../src/image/index.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import type { FileView, Image } from '../../../src/model/inventory/index.ts';
import { debianRelease, stanza } from '../../support/cli.ts';
import { noHome, temporaryFolder } from '../../support/temporary.ts';
import { type Override, type SeenRequest, sendRange, startFakeRegistry } from '../support/fake-registry.ts';
import type { ImageInput } from '../support/make-image.ts';
import { type Form, forms, type Listing, listedLayer, type Row } from '../support/make-listed-layer.ts';
import { dir, file, hardlink, symlink, type TarInput } from '../support/make-tar.ts';
import { text } from '../support/open.ts';
import { readListFile } from '../support/package-files.ts';
import { said } from '../support/said.ts';

const wanted = (path: string) => /\/(db|b)(\/|$)/.test(path);
const packageList = `${'#'.repeat(70_000)}\nleft 1.0\n`;
/** Bytes that do not get smaller, so that a layer is worth its requests. */
const bulk = Buffer.concat(
  Array.from({ length: 20_000 }, (_, at) => createHash('sha256').update(`${at}`).digest()),
);
const status = 'status\n'.repeat(20_000);
const filler = file('srv/bulk', bulk);
/** Enough for a layer that is not simply fetched. */
const smallFiller = file('srv/bulk', bulk.subarray(0, 280_000));
const base = [
  file('db/status', status),
  filler,
  file('etc/b', 'b'),
  file('opt/c', packageList),
  hardlink('opt/db', 'etc/b'),
];

/** All files of a view: more programs than any inventory asks about. */
function everyFile({ files }: { files: FileView }, folder = ''): string[] {
  return files.list(folder === '' ? '/' : folder).flatMap((name) => {
    const path = `${folder}/${name}`;
    return files.stat(path, false)?.type === 'directory' ? everyFile({ files }, path) : [path];
  });
}

type Server = Awaited<ReturnType<typeof startFakeRegistry>>;

function open({ host }: Server, options: Partial<ImageReadOptions> = {}): Promise<Image> {
  const http = createHttp({ env: {}, limits: { firstDelay: 1, retries: 2 } });
  onTestFinished(() => http.close());
  return openImage(`registry:${host}/lab/x:1`, {
    ...{ wanted, packageFiles: readListFile, env: { HOME: noHome() } },
    ...options,
    registry: { insecure: true, cache: false, http },
  });
}

const inPart = (server: Server, options: Partial<ImageReadOptions> = {}) =>
  open(server, { inPart: everyFile, ...options });

/** An image's content, without the table itself, which is a file of the tar, and without notes of how it was read. */
function content(image: Image) {
  const { paths, layers } = said(image) as { paths: [string, ...unknown[]][]; layers: unknown };
  const notes = image.notes.filter(({ code }) => !/layer_read_in_part|table_of_contents/.test(code));
  return { paths: paths.filter(([path]) => path !== '/stargz.index.json'), layers, notes };
}

const codes = ({ notes }: Image) => notes.map(({ code }) => code);
const wholeRequests = ({ requests, image }: Server) =>
  requests.filter(({ url, headers }) => url.includes(image.layers[0]!.digest) && headers.range === undefined);

/** Bytes of a range that a request asks for. */
function bytesOf(range = 'bytes=1-0'): number {
  const [first, last] = range.slice('bytes='.length).split('-').map(Number);
  return last! - first! + 1;
}

function registryOf(entries: TarInput[][], form: Form, listing?: Listing, override?: Override) {
  const input: ImageInput = { layers: entries.map((each) => listedLayer(each, form, listing)) };
  return startFakeRegistry(input, override);
}

describe.each(forms)('a layer of %s', (form) => {
  it.each<[string, Listing]>([
    ['files', {}],
    ['files in chunks', { chunk: 50_000 }],
    ['files that share members', { shared: true }],
  ])('is read in part, with %s', async (_, listing) => {
    const server = await registryOf([[filler, ...base.filter((entry) => entry !== filler)]], form, listing);
    const whole = content(await open(server));
    server.requests.length = 0;
    const image = await inPart(server);

    expect(content(image)).toEqual(whole);
    expect(text(image, '/opt/db')).toBe('b');
    expect(image.files.packageFile?.('/opt/c')?.packages).toMatchObject([{ name: 'left', version: '1.0' }]);
    expect(codes(image)).toEqual(['layer_read_in_part']);
    expect(wholeRequests(server)).toEqual([]);
    expect(server.requests.reduce((sum, { headers }) => sum + bytesOf(headers.range), 0)).toBeLessThan(
      250_000,
    );
  });

  it('is read whole unless it is asked for in part, and where each byte is asked for', async () => {
    const server = await registryOf([base], form);
    const inspection = { files: () => true, digests: ['sha256' as const] };

    expect(codes(await open(server))).toEqual([]);
    expect((await inPart(server, { inspection })).files.digest('/srv/bulk', 'sha256')).toMatch(/^\w{64}$/);
    expect(wholeRequests(server)).toHaveLength(2);
  });

  it.each<[string, Override]>([
    ['answers with the whole', (request) => delete request.headers.range && false],
    [
      'refuses ranges',
      ({ headers }, response) => headers.range !== undefined && !!response.writeHead(416).end(),
    ],
    [
      'answers with another range',
      ({ headers }, response) =>
        headers.range !== undefined &&
        !!response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end('0123456789'),
    ],
  ])('is read whole from a registry that %s', async (_, override) => {
    const server = await registryOf([base], form, {}, override);
    const image = await inPart(server);

    expect(codes(image)).toEqual([]);
    expect(content(image)).toEqual(content(await open(server)));
  });

  it('is read whole where a registry sends fewer bytes than a range has, or other bytes', async () => {
    for (const change of [
      (part: Buffer) => part.subarray(1),
      (part: Buffer) => part.map((byte) => byte ^ 1),
    ]) {
      const server = await registryOf([base], form, {}, ({ headers, url }, response) => {
        if (headers.range === undefined) return false;
        const [, first, last] = /(\d+)-(\d+)/.exec(headers.range)!;
        const { bytes } = server.image.layers.find(({ digest }) => url.endsWith(digest))!;
        const part = change(bytes.subarray(Number(first), Number(last) + 1));
        response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${bytes.length}` }).end(part);
        return true;
      });
      const image = await inPart(server);

      expect(codes(image)).toEqual(['table_of_contents_refused']);
      expect(content(image)).toEqual(content(await open(server)));
    }
  });

  const other = `sha256:${'0'.repeat(64)}`;
  const of = (name: string, change: (row: Row) => void) => (rows: Row[]) => {
    change(rows.find((row) => row['name'] === name)!);
    return rows;
  };
  it.each<[string, Listing]>([
    ['says another digest of a file', { forge: of('db/status', (row) => (row['digest'] = other)) }],
    ['says none', { forge: of('db/status', (row) => delete row['digest']) }],
    ['says another size', { forge: of('db/status', (row) => (row['size'] = 5)) }],
    ['says a larger size', { forge: of('db/status', (row) => (row['size'] = 5e9)) }],
    ['has an offset outside', { forge: of('etc/b', (row) => (row['offset'] = 1e12)) }],
    ['has an offset that is no number', { forge: of('etc/b', (row) => (row['offset'] = '7')) }],
    ['has a negative one', { forge: of('etc/b', (row) => (row['offset'] = -1)) }],
    ['has contents that overlap', { forge: of('etc/b', (row) => (row['offset'] = 1)) }],
    ['has an end before the beginning', { forge: of('db/status', (row) => (row['endOffset'] = 1)) }],
    [
      'has a chunk of another size',
      { chunk: 50_000, forge: of('db/status', (row) => (row['chunkSize'] = 49_999)) },
    ],
    [
      'has a chunk too few',
      { chunk: 50_000, forge: (rows) => rows.filter((row) => row['chunkOffset'] !== 50_000) },
    ],
    ['has a chunk without a file', { forge: (rows) => [{ name: 'x', type: 'chunk', offset: 1 }, ...rows] }],
    ['has an unknown type', { forge: of('etc/b', (row) => (row['type'] = '__proto__')) }],
    ['has no list', { text: () => '{"version":1}' }],
    ['has another version', { text: (json) => json.replace('"version":1', '"version":2') }],
    ['has a name twice', { text: (json) => json.replace('"mode"', '"name":"x","mode"') }],
    ['is no JSON', { text: (json) => json.slice(1) }],
  ])('whose table %s is read whole', async (name, listing) => {
    // An end is only said by one form: the other has it where the next content begins.
    if (name.includes('an end') && form === 'estargz') return expect(form).toBe('estargz');
    const server = await registryOf([base], form, listing);
    const image = await inPart(server);

    if (!name.includes('larger')) expect(codes(image)).toEqual(['table_of_contents_refused']);
    expect(content(image)).toEqual(content(await open(server)));
    expect(text(image, '/db/status')).toBe(status);
  });

  it.each<[string, TarInput[][], (rows: Row[]) => Row[]]>([
    ['a program', [base], of('opt/c', (row) => (row['digest'] = other))],
    [
      'a file that is wanted by a link',
      [[symlink('db', 'there'), filler, file('there/x', 'x')]],
      of('there/x', (row) => (row['digest'] = other)),
    ],
  ])(
    'is read whole, and the image with it, if %s is another than its table says',
    async (_, layers, forge) => {
      const server = await registryOf(layers, form, { forge });
      const image = await inPart(server, { places: ['/db'] });

      expect(codes(image)).toEqual(['table_of_contents_refused']);
      expect(content(image)).toEqual(content(await open(server, { places: ['/db'] })));
    },
  );

  it('has what its table lists, and no more: nothing proves that the tar has no more', async () => {
    const forge = (rows: Row[]) => rows.filter((row) => row['name'] !== 'db/status');
    const server = await registryOf([base], form, { forge });
    const image = await inPart(server);

    expect(text(image, '/db/status')).toBeUndefined();
    expect(codes(image)).toEqual(['layer_read_in_part']);
    expect(text(await open(server), '/db/status')).toBeDefined();
  });

  it('is read whole if its table is above the limit', async () => {
    const server = await registryOf([base], form);
    const image = await inPart(server, { limits: { tableBytes: 100 } });

    expect(codes(image)).toEqual(['table_of_contents_refused']);
    expect(content(image)).toEqual(content(await open(server)));
  });

  it('is read whole if its table is made of next to nothing', async () => {
    const rows = Array.from({ length: 50_000 }, () => ({ name: '', type: 'dir' }));
    const server = await registryOf([base], form, { forge: (own) => [...own, ...rows], packed: true });
    const image = await inPart(server);

    expect(codes(image)).toEqual(['table_of_contents_refused']);
    expect(content(image)).toEqual(content(await open(server)));
  });

  it('says in part what it says whole, whatever its files and links are', async () => {
    await fc.assert(
      fc.asyncProperty(stack, async (layers) => {
        const server = await registryOf(
          layers.map((each) => [smallFiller, ...each]),
          form,
          { chunk: 300_000 },
        );
        const read = (image: Promise<Image>) => image.then(content, (error) => error.code);

        expect(await read(inPart(server))).toEqual(await read(open(server)));
      }),
      // Only the link is named as a package file is: a hard link to a later entry, a symbolic one to a file of another layer.
      {
        numRuns: 25,
        examples: [
          [[[hardlink('a/c', '/b'), file('b', 'x')]]],
          [[[symlink('a/c', '/c/db')], [file('../c/db', 'outside')]]],
        ],
      },
    );
  });
});

const name = fc
  .array(fc.constantFrom('a', 'b', 'c', 'db'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const place = fc.constantFrom('a', '/b', '../c', 'a/b', '/c/db', '/nowhere', '../../../x');
const entry = fc.oneof(
  fc.tuple(name, fc.string({ maxLength: 5 })).map(([path, bytes]) => file(path, bytes)),
  name.map((path) => file(path, packageList)),
  name.map((path) => ({ ...file(path, 'x'), pax: { 'SCHILY.xattr.user.x': 'value' } })),
  name.map(dir),
  fc.tuple(name, place).map(([path, target]) => symlink(path, target)),
  fc.tuple(name, place).map(([path, target]) => hardlink(path, target)),
  name.map((path) => file(path.replace(/[^/]+$/, '.wh.$&'))),
  name.map((path) => file(`${path}/.wh..wh..opq`)),
  name.map((path) => file(`../${path}`, 'outside')),
);
const stack = fc.array(fc.array(entry, { maxLength: 8 }), { minLength: 1, maxLength: 3 });

describe('an inventory that was read in part', () => {
  const debian = (version: string) => [
    file('etc/os-release', debianRelease('12', 'bookworm')),
    file('var/lib/dpkg/status', stanza('bash', version)),
    filler,
  ];

  it('is that of its table: an image that names the layers of another does not answer for it', async () => {
    const honest = listedLayer(debian('5.2.15-2'), 'zstd:chunked');
    const lying = listedLayer(debian('5.2.15-9'), 'zstd:chunked');
    expect(lying.bytes).toHaveLength(honest.bytes.length);
    const layers = [{ ...honest, annotations: lying.annotations }];
    const deceiver = await startFakeRegistry({ layers }, ({ headers, url }, response) => {
      if (headers.range === undefined || !url.includes('/blobs/')) return false;
      sendRange({ headers } as SeenRequest, response, lying.bytes);
      return true;
    });
    const other = await startFakeRegistry({ layers: [honest] });
    const env = { HOME: noHome(), XDG_CACHE_HOME: temporaryFolder() };
    const read = async ({ host }: Server, partial: boolean) => {
      const options = { 'no-cache': false, 'partial-layers': partial };
      const { inventory } = await openSubject(`registry:${host}/lab/x:1`, options as never, env);
      return inventory.packages.map(({ version }) => version);
    };

    expect(await read(deceiver, true)).toEqual(['5.2.15-9']);
    expect(await read(other, false)).toEqual(['5.2.15-2']);
    expect(await read(other, true)).toEqual(['5.2.15-2']);
    // The whole layer is now known by its digest, which is worth more than a table.
    expect(await read(deceiver, true)).toEqual(['5.2.15-2']);
    expect(await read(deceiver, false)).toEqual(['5.2.15-2']);
  });
});

describe('a layer with two tables of contents', () => {
  it('is read whole: they may say two things', async () => {
    const [one, two] = forms.map((form) => listedLayer(base, form).annotations);
    const layer = { ...listedLayer(base, 'zstd:chunked'), annotations: { ...one, ...two } };
    const server = await startFakeRegistry({ layers: [layer] }, (request, response) => {
      const found = server.image.layers.find(({ digest }) => request.url.endsWith(digest));
      if (found) sendRange(request, response, found.bytes);
      return found !== undefined;
    });
    await inPart(server);

    expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined, undefined]);
  });
});
