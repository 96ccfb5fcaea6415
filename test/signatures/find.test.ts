import { describe, expect, it } from 'vitest';
import type { RequiredSigners } from '../../src/signatures/asked.ts';
import { checkSigned } from '../../src/signatures/index.ts';
import { signatureLimits } from '../../src/signatures/limits.ts';
import { readTrustedKey } from '../../src/signatures/trusted-key.ts';
import { startServer } from '../image/support/fake-registry.ts';
import { makeImage, mediaTypes } from '../image/support/make-image.ts';
import { SignedImage } from './support/signed-image.ts';
import { bundleType, ecKeys, publicPem, signByKey, statementOf } from './support/sigstore-instance.ts';

const { publicKey, privateKey } = ecKeys();
const asked: RequiredSigners = {
  keys: [readTrustedKey(publicPem(publicKey), 'key.pub')],
  identities: [],
  certificates: [],
  openpgp: [],
  thresholds: {},
};

async function check(host: string, name = 'lab/x:1') {
  return checkSigned(`${host}/${name}`, asked, { env: {}, registry: { insecure: true } }, new Date());
}

function signedImage(): SignedImage {
  const image = new SignedImage();
  image.attachBundle(image.manifest.digest, signByKey(statementOf(image.manifest.digest), privateKey));
  return image;
}

describe('signatures in a registry', () => {
  it.each([
    ['the referrers API', true, 'referrer'],
    ['the tag that stands for it', false, 'fallback-tag'],
  ])('are found by %s', async (_, api, place) => {
    const { host } = await signedImage().serve(api);

    const { verdict, signatures, image } = await check(host);

    expect(verdict).toBe('signed');
    expect(signatures).toMatchObject([{ form: 'sigstore-bundle', place, at: { kind: 'manifest' } }]);
    expect(image.subjects.map(({ kind }) => kind)).toEqual(['index', 'manifest']);
  });

  it('are found where the list has another type for them, as cosign 2 writes it', async () => {
    const image = new SignedImage();
    const bundle = signByKey(statementOf(image.manifest.digest), privateKey);
    const { digest } = image.manifest;
    image.attachBundle(digest, bundle, { listedAs: 'application/vnd.oci.empty.v1+json' });

    expect((await check((await image.serve(false)).host)).verdict).toBe('signed');
  });

  it('are none where everything was looked for and nothing is there', async () => {
    const { host, requests } = await new SignedImage().serve(true);

    expect(await check(host)).toMatchObject({ verdict: 'unsigned', signatures: [] });
    const asks = requests.map(({ url }) => url.replace(/sha256(.)[0-9a-f]{64}/, 'DIGEST$1'));
    expect(asks).toEqual(
      expect.arrayContaining([
        '/v2/lab/x/referrers/DIGEST:',
        '/v2/lab/x/manifests/DIGEST-',
        '/v2/lab/x/manifests/DIGEST-.sig',
        '/v2/lab/x/manifests/DIGEST-.att',
      ]),
    );
  });

  it('that attach themselves to another manifest than they are listed for are refused', async () => {
    const image = new SignedImage();
    const { digest } = image.manifest;
    const bundle = signByKey(statementOf(digest), privateKey);
    image.attachBundle(digest, bundle, { subject: image.other.digest });

    const { verdict, signatures } = await check((await image.serve(true)).host);

    expect(verdict).toBe('refused');
    expect(signatures[0]?.outcome).toMatchObject({ refusal: { code: 'ATTACHED_TO_OTHER' } });
  });

  it('that are attached to each other in a circle are followed no further than the image', async () => {
    const image = signedImage();
    const first = image.attachBundle(image.manifest.digest, signByKey(statementOf('sha256:0'), privateKey));
    const second = image.attachBundle(first, signByKey(statementOf(first), privateKey));
    image.attachBundle(second, signByKey(statementOf(second), privateKey), { subject: second });

    const { signatures } = await check((await image.serve(true)).host);

    expect(signatures).toHaveLength(2);
  });

  it('whose bytes are not those of their digest are refused, and so are those that are not there', async () => {
    const image = signedImage();
    const { digest } = image.manifest;
    image.attach({ to: digest, layers: [{ bytes: Buffer.from('{}'), mediaType: bundleType, lie: 'size' }] });
    image.attach({
      to: digest,
      layers: [{ bytes: Buffer.from('{ }'), mediaType: bundleType, lie: 'absent' }],
    });
    image.attach({
      to: digest,
      layers: [{ bytes: Buffer.from('{  }'), mediaType: bundleType, lie: 'content' }],
    });

    const { verdict, signatures } = await check((await image.serve(true)).host);

    expect(verdict).toBe('signed');
    expect(
      signatures.map(({ outcome }) => (outcome.state === 'refused' ? outcome.refusal.code : outcome.state)),
    ).toEqual(['verified', 'CONTENT_DIFFERS', 'SIGNATURE_MISSING', 'CONTENT_DIFFERS']);
  });

  it('are refused unread where they have 100 MB', async () => {
    const image = new SignedImage();
    const { digest } = image.manifest;
    image.attach({ to: digest, layers: [{ bytes: Buffer.from('{}'), mediaType: bundleType, lie: 'huge' }] });
    const { host, requests } = await image.serve(true);

    const { signatures } = await check(host);

    expect(signatures[0]?.outcome).toMatchObject({ refusal: { code: 'SIGNATURE_TOO_LARGE' } });
    expect(requests.filter(({ url }) => url.includes('/blobs/'))).toEqual([]);
  });

  it('are not looked for among 10,000 referrers: that is told', async () => {
    const row = { mediaType: mediaTypes.manifest, digest: `sha256:${'1'.repeat(64)}`, size: 2 };
    const list = Array.from({ length: 10_000 }, () => row);

    await expect(check(await registryWith({ 'referrers/': list }))).rejects.toMatchObject({
      code: 'IMAGE_LIMIT_EXCEEDED',
      message: `expected at most ${signatureLimits.referrers} attached manifests, found more`,
    });
  });

  it('are not looked for on endless pages: that is told', async () => {
    const link = '<?more>; rel="next"';

    await expect(check(await registryWith({ 'referrers/': [] }, { link }))).rejects.toMatchObject({
      code: 'IMAGE_LIMIT_EXCEEDED',
      message: `expected at most ${signatureLimits.pages} pages of referrers, found more`,
    });
  });

  it.each([
    ['the referrers API', 'referrers/'],
    ["cosign's tag", '.sig'],
  ])('are not called absent when %s fails', async (_, part) => {
    await expect(check(await registryWith({}, {}, part))).rejects.toMatchObject({
      code: expect.stringMatching(/^FETCH_/),
    });
  });
});

/** A registry with one unsigned image, lists for parts of addresses, and 403 for what `refused` is a part of. */
async function registryWith(
  lists: Record<string, unknown[]>,
  headers: Record<string, string> = {},
  refused = 'nothing',
): Promise<string> {
  const { manifest } = makeImage({ layers: [[]] });
  const { host } = await startServer(({ url }, response) => {
    if (url.includes(refused)) return void response.writeHead(403).end();
    const list = Object.entries(lists).find(([part]) => url.includes(part))?.[1];
    const bytes = list
      ? Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: list }))
      : /manifests\/(1|sha256:.*)$/.test(url)
        ? manifest.bytes
        : undefined;
    if (!bytes) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': mediaTypes.index, ...(list && headers) }).end(bytes);
  });
  return host;
}

describe('signatures in a layout', () => {
  it('are found by what they say they are attached to', async () => {
    const reference = `oci:${signedImage().layout()}:1`;

    const { verdict, signatures } = await checkSigned(reference, asked, { env: {} }, new Date());

    expect(verdict).toBe('signed');
    expect(signatures).toMatchObject([{ place: 'layout' }]);
  });

  it('leave the image the only one that a reference without a tag can mean', async () => {
    const image = signedImage();
    image.tag(`${image.manifest.digest.replace(':', '-')}.sig`, []);

    const { verdict } = await checkSigned(`oci:${image.layout()}`, asked, { env: {} }, new Date());

    expect(verdict).toBe('signed');
  });

  it('are of the platform that is asked for', async () => {
    const options = { env: {}, platform: 'linux/arm64' };

    const { verdict } = await checkSigned(`oci:${signedImage().layout()}:1`, asked, options, new Date());

    expect(verdict).toBe('unsigned');
  });
});

it('an image that has no manifest of its own cannot be signed: that is wrong use', async () => {
  await expect(checkSigned('dir:/', asked, { env: {} }, new Date())).rejects.toMatchObject({
    code: 'IMAGE_REFERENCE_INVALID',
  });
});
