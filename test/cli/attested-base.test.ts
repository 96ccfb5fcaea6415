import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { usedImages } from '../../src/signatures/index.ts';
import { startServer } from '../image/support/fake-registry.ts';
import { makeImage, mediaTypes } from '../image/support/make-image.ts';
import { file } from '../image/support/make-tar.ts';
import { bashFiles, feedWithFlaw } from '../signatures/support/flawed-bash.ts';
import { SignedImage } from '../signatures/support/signed-image.ts';
import {
  ecKeys,
  type Json,
  publicPem,
  signByKey,
  statementOf,
} from '../signatures/support/sigstore-instance.ts';
import { runHere } from '../support/command.ts';
import { dataPath, hasData } from '../support/data.ts';
import { temporaryFolder } from '../support/temporary.ts';

const feed = feedWithFlaw();
const folder = temporaryFolder('attested-base');
const { publicKey, privateKey } = ecKeys();
const stranger = ecKeys().privateKey;
const key = join(folder, 'key.pub');
writeFileSync(key, publicPem(publicKey));

const frontend = { layers: [[file('bin/frontend', 'docker/dockerfile')]] };
const compiler = { layers: [[file('usr/bin/cc', 'of the first stage')]] };
const base = {
  layers: [
    [file('etc/name', 'content amd64'), ...Object.entries(bashFiles).map(([path, text]) => file(path, text))],
  ],
};
const newer = {
  layers: [[file('etc/os-release', bashFiles['etc/os-release']), file('var/lib/dpkg/status', '')]],
};

/** A registry with the images that a build used: by digest, and what the tag of the base stands for now. */
async function registry() {
  const images = { frontend, compiler, base, newer };
  const made = Object.entries(images).map(([name, input]) => ({ name, image: makeImage(input) }));
  const blobs = new Map(
    made.flatMap(({ image: { config, layers } }) =>
      [config, ...layers].map(({ digest, bytes }) => [digest, bytes]),
    ),
  );
  const server = await startServer(({ url }, response) => {
    const [, name, kind, of = ''] = /^\/v2\/lab\/([a-z]+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
    const { manifest } = made.find((each) => each.name === (of === '12' ? 'newer' : name))?.image ?? {};
    const isManifest = kind === 'manifests' && (of === '12' || of === manifest?.digest);
    const bytes = isManifest ? manifest?.bytes : blobs.get(of);
    if (!bytes) return void response.writeHead(404).end('{"errors":[]}');
    const type = isManifest ? mediaTypes.manifest : 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-length': bytes.length }).end(bytes);
  });
  const digests = Object.fromEntries(made.map(({ name, image }) => [name, image.manifest.digest]));
  return { ...server, digests };
}

type Registry = Awaited<ReturnType<typeof registry>>;

const hex = (digest: string | undefined) => ({ sha256: digest?.replace('sha256:', '') });

/** Materials as BuildKit writes them. */
function materialsOf({ host, digests }: Registry, names = ['frontend', 'compiler', 'base']): Json[] {
  return [
    { uri: 'git+https://git.example/lab/app', digest: { sha1: '0'.repeat(40) } },
    ...names.map((name) => ({
      uri: `pkg:docker/${host}/lab/${name}@${name === 'base' ? '12' : '1'}?platform=linux%2Famd64`,
      digest: hex(digests[name]),
    })),
  ];
}

const forms = {
  'v0.2': (materials: Json[]) => ({ type: 'https://slsa.dev/provenance/v0.2', predicate: { materials } }),
  v1: (resolvedDependencies: Json[]) => ({
    type: 'https://slsa.dev/provenance/v1',
    predicate: { buildDefinition: { resolvedDependencies } },
  }),
};

/** An image of the base and one layer, that the key signed; its provenance is signed by some key. */
function imageWith({ type, predicate }: { type: string; predicate: Json }, by = privateKey): string {
  const image = new SignedImage('content', bashFiles, { 'app/own': 'own' });
  const { digest } = image.manifest;
  image.attachBundle(digest, signByKey(statementOf(digest), privateKey));
  image.attachBundle(digest, signByKey({ ...statementOf(digest, type), predicate }, by));
  return `oci:${image.layout()}:1`;
}

async function scan(image: string, { host }: Pick<Registry, 'host'>, ...more: string[]) {
  const signed = more.length > 0 ? more : ['--signed-by', key];
  const own = ['--feed', feed, '--max-age', '0', '--no-cache', '--insecure-registry', host, '-o', 'json'];
  const { code, out, err } = await runHere(['scan', image, ...own, '--base', 'attested', ...signed]);
  if (out === '') return { code, err };
  const { bases, inventory, verdicts } = JSON.parse(out) as {
    bases?: Json;
    inventory: { notes: { code: string; where?: string; detail?: string }[] };
    verdicts: { base?: Json }[];
  };
  return { code, err, bases, notes: inventory.notes, standing: verdicts.map((verdict) => verdict.base) };
}

describe('the base image by attestation', () => {
  it.each(['v0.2', 'v1'] as const)(
    'is the material of SLSA %s that the image begins with',
    async (version) => {
      const server = await registry();
      const { code, bases, standing } = await scan(imageWith(forms[version](materialsOf(server))), server);

      expect(bases).toMatchObject({
        base: { digest: server.digests['base'], layers: 1 },
        newer: { digest: server.digests['newer'] },
      });
      expect(standing).toEqual([{ origin: 'base', rebuild: 'unknown' }]);
      expect(code).toBe(0);
      const layers = server.requests.filter(({ url }) => /lab\/(frontend|compiler)\/blobs/.test(url));
      expect(layers, 'of other materials, the configuration alone is read').toHaveLength(2);
    },
  );

  it('of provenance that a stranger signed is unknown, and it is noted', async () => {
    const server = await registry();
    const image = imageWith(forms.v1(materialsOf(server)), stranger);
    const { code, bases, notes } = await scan(image, server);

    expect(bases).toBeUndefined();
    expect(notes).toEqual([
      expect.objectContaining({
        code: 'provenance_not_verified',
        detail: expect.stringContaining('SIGNATURE_WRONG'),
      }),
      expect.objectContaining({
        code: 'no_base_image',
        detail: expect.stringContaining('no provenance by whom'),
      }),
    ]);
    expect(server.requests, 'nothing is asked of a registry that a stranger names').toEqual([]);
    expect(code).toBe(0);
  });

  it('is unknown where the image begins with none of the materials', async () => {
    const server = await registry();
    const image = imageWith(forms['v0.2'](materialsOf(server, ['frontend', 'compiler'])));
    const { bases, notes } = await scan(image, server);

    expect(bases).toBeUndefined();
    expect(notes).toEqual([
      expect.objectContaining({
        code: 'no_base_image',
        detail: expect.stringMatching(/of no image of the 2 that/),
      }),
    ]);
  });

  it('is noted where its registry lacks it, and where there are too many', async () => {
    const server = await registry();
    const gone = { uri: `pkg:docker/${server.host}/lab/gone@1`, digest: hex(`sha256:${'1'.repeat(64)}`) };
    const { notes } = await scan(imageWith(forms.v1([gone])), server);
    expect(notes?.map(({ code }) => code)).toEqual(['base_image_not_read', 'no_base_image']);

    const nowhere = { ...gone, uri: 'pkg:docker/127.0.0.1:99999/lab/gone@1' };
    const unreachable = await scan(imageWith(forms.v1([nowhere])), server);
    expect(unreachable.notes?.map(({ code }) => code)).toEqual(['base_image_not_read', 'no_base_image']);

    const many = Array.from({ length: 33 }, (_, at) => ({ ...gone, uri: `${gone.uri}${at}` }));
    const refused = await scan(imageWith(forms.v1(many)), server);
    expect(refused.notes?.[0]?.detail).toContain('33 images, more than 32');
  });

  it('needs a signer, and stands alone', async () => {
    const image = imageWith(forms.v1([]));
    const unsigned = await runHere(['scan', image, '--feed', feed, '--base', 'attested']);
    expect(unsigned).toMatchObject({ code: 2, err: expect.stringContaining('no required signer is given') });
    const two = await scan(image, { host: 'x' }, '--signed-by', key, '--base', image);
    expect(two).toMatchObject({
      code: 2,
      err: expect.stringContaining('attested is given with another base'),
    });
  });
});

const digest = `sha256:${'a'.repeat(64)}`;

const statementWith = (materials: unknown) =>
  Buffer.from(
    JSON.stringify({ ...statementOf(digest, 'https://slsa.dev/provenance/v0.2'), predicate: { materials } }),
  );

describe('images of provenance', () => {
  it.each<[string, string | undefined, string | undefined, string?]>([
    ['pkg:docker/alpine@3.20?platform=linux%2Famd64', digest, 'alpine', '3.20'],
    ['pkg:docker/ghcr.io/lab/base@v1', digest, 'ghcr.io/lab/base', 'v1'],
    ['pkg:docker/host:5000/base@v1', digest, 'host:5000/base', 'v1'],
    [`pkg:docker/alpine?digest=${digest}&platform=linux%2Famd64`, undefined, 'alpine'],
    [`pkg:docker/lab/base@${digest}?repository_url=gcr.io`, undefined, 'gcr.io/lab/base'],
    [
      `pkg:oci/base@sha256%3A${'a'.repeat(64)}?repository_url=ghcr.io/lab/base&tag=1`,
      undefined,
      'ghcr.io/lab/base',
      '1',
    ],
    [`pkg:oci/base@sha256%3A${'a'.repeat(64)}?repository_url=ghcr.io/lab`, undefined, 'ghcr.io/lab/base'],
    ['oci://host:5000/lab/base', digest, 'host:5000/lab/base'],
    [`oci://host:5000/lab/base:1@${digest}`, undefined, 'host:5000/lab/base', '1'],
    // Names and passwords reach no note.
    ['oci://user:secret@host/lab/base:1', digest, 'host/lab/base', '1'],
    [`oci://user:se/cr@et@host/lab/base@${digest}`, undefined, 'host/lab/base'],
    ['pkg:docker/user:secret%40host/lab/base@v1', digest, 'host/lab/base', 'v1'],
    ['pkg:docker/lab/base@v1?repository_url=https://user:secret@host', digest, 'host/lab/base', 'v1'],
    ['pkg:docker/alpine@3.20', undefined, undefined],
    ['pkg:docker/alpine@3.20', 'sha256:abc', undefined],
    ['pkg:generic/alpine@3.20', digest, undefined],
    ['https://host/lab/base', digest, undefined],
    ['docker alpine', digest, undefined],
  ])('%s, digest %s: %s', (uri, stated, repository, tag) => {
    const material = { uri, ...(stated !== undefined && { digest: hex(stated) }) };
    expect(usedImages(statementWith([material, 1, {}, { uri: 1 }]))).toEqual(
      repository === undefined ? [] : [{ repository, digest, ...(tag !== undefined && { tag }) }],
    );
  });

  it.runIf(hasData('signatures'))('are none in provenance of builds without an image', () => {
    const bundles = 'signatures/sigstore+sigstore-conformance/test/assets/bundle-verify';
    const kept = ['happy-path-intoto-in-dsse-v3', 'rekor2-dsse-happy-path'].map((name) => {
      const bundle = readFileSync(dataPath(bundles, name, 'bundle.sigstore.json'), 'utf8');
      const { dsseEnvelope } = JSON.parse(bundle) as { dsseEnvelope: { payload: string } };
      return Buffer.from(dsseEnvelope.payload, 'base64');
    });
    const npm = JSON.parse(
      readFileSync(
        dataPath(
          'signatures/slsa-framework+slsa-verifier/cli/slsa-verifier/testdata/npm/gha/supreme-googles-cli-v02-tag.tgz.json',
        ),
        'utf8',
      ),
    ) as { attestations: { bundle: { dsseEnvelope: { payload: string } } }[] };
    const all = [
      ...kept,
      ...npm.attestations.map(({ bundle }) => Buffer.from(bundle.dsseEnvelope.payload, 'base64')),
    ];
    expect(all.length).toBeGreaterThan(2);
    for (const statement of all) expect(usedImages(statement)).toEqual([]);
  });
});
