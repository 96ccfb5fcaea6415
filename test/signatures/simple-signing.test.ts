import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMessage, generateKey, type PrivateKey, readPrivateKey, sign } from 'openpgp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RefusalCode } from '../../src/model/verdict/index.ts';
import { checkSigned } from '../../src/signatures/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { SignedImage } from './support/signed-image.ts';
import type { Json } from './support/sigstore-instance.ts';

const day = 86_400_000;

interface Signer {
  key: PrivateKey;
  /** The public half, armored. */
  armored: Buffer;
}

let ours: Signer;
let theirs: Signer;
let expired: Signer;

beforeAll(async () => {
  [ours, theirs, expired] = await Promise.all([
    newSigner({}),
    newSigner({}),
    newSigner({ date: new Date(Date.now() - 2 * day), keyExpirationTime: day / 1000 }),
  ]);
});

async function newSigner(options: { date?: Date; keyExpirationTime?: number }): Promise<Signer> {
  const { privateKey, publicKey } = await generateKey({
    userIDs: [{ name: 'Lab', email: 'lab@example.org' }],
    ...options,
  });
  return { key: await readPrivateKey({ armoredKey: privateKey }), armored: Buffer.from(publicKey) };
}

function payloadOf(digest: string, name: string, more: Json = {}): Buffer {
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': name },
        image: { 'docker-manifest-digest': digest },
        type: 'atomic container signature',
        ...more,
      },
      optional: { creator: 'a test', timestamp: 1 },
    }),
  );
}

async function signed(payload: Buffer, signers: Signer[] = [ours], date = new Date()): Promise<Buffer> {
  const message = await createMessage({ binary: new Uint8Array(payload) });
  const signingKeys = signers.map(({ key }) => key);
  return Buffer.from(await sign({ message, signingKeys, format: 'binary', date }));
}

/** A lookaside folder with signatures of a manifest of lab/x. */
function lookaside(digest: string, ...signatures: Buffer[]): string {
  const folder = temporaryFolder();
  const own = join(folder, `lab/x@${digest.replace(':', '=')}`);
  mkdirSync(own, { recursive: true });
  for (const [at, bytes] of signatures.entries()) writeFileSync(join(own, `signature-${at + 1}`), bytes);
  return folder;
}

async function check(image: SignedImage, folder: string, tag = ':1', trusted = [ours, expired]) {
  const { host } = await image.serve(true);
  const openpgp = trusted.map(({ armored }, at) => ({ file: `${at}.asc`, bytes: armored }));
  const asked = { keys: [], identities: [], thresholds: {}, certificates: [], openpgp };
  const options = { env: {}, registry: { insecure: true }, lookaside: folder };
  const result = await checkSigned(`${host}/lab/x${tag}`, asked, options, new Date());
  const codes = result.signatures.map(({ outcome }) =>
    outcome.state === 'refused' ? outcome.refusal.code : outcome.state,
  );
  return { ...result, codes, host };
}

/** The registry's port is known only once it runs: names are written with a place for it. */
async function checkNamed(name: string, tag = ':1') {
  const image = new SignedImage();
  const { host } = await image.serve(true);
  const payload = payloadOf(image.index.digest, name.replace('HOST', host));
  const openpgp = [{ file: 'ours.asc', bytes: ours.armored }];
  const asked = { keys: [], identities: [], thresholds: {}, certificates: [], openpgp };
  const folder = lookaside(image.index.digest, await signed(payload));
  const options = { env: {}, registry: { insecure: true }, lookaside: folder };
  const wanted = tag === '@' ? `@${image.index.digest}` : tag;
  return checkSigned(`${host}/lab/x${wanted}`, asked, options, new Date());
}

describe('a signature beside a registry', () => {
  it('of the name and digest is verified; the time that it claims is not believed', async () => {
    const { verdict, signatures } = await checkNamed('HOST/lab/x:1');

    expect(verdict).toBe('signed');
    expect(signatures).toMatchObject([
      {
        form: 'simple-signing',
        place: 'lookaside',
        outcome: {
          signer: {
            kind: 'openpgp',
            fingerprint: ours.key.getFingerprint().toUpperCase(),
            user: 'Lab <lab@example.org>',
            file: 'ours.asc',
          },
          times: [],
          name: expect.stringMatching(/lab\/x:1$/),
        },
      },
    ]);
  });

  it.each([
    ['another tag', 'HOST/lab/x:2'],
    ['another repository', 'HOST/lab/y:1'],
    ['another host', 'registry.example/lab/x:1'],
    ['no name of an image', 'HOST/lab/X Y'],
  ])('under the name of %s is refused', async (_, name) => {
    const { signatures } = await checkNamed(name);

    expect(signatures[0]?.outcome).toMatchObject({ refusal: { code: 'SIGNS_OTHER_NAME' } });
  });

  it('under another tag is as asked where the image is asked for by digest', async () => {
    expect((await checkNamed('HOST/lab/x:2', '@')).verdict).toBe('signed');
    expect((await checkNamed('HOST/lab/y:1', '@')).verdict).toBe('refused');
  });

  const refused: [string, RefusalCode, (digest: string) => Promise<Buffer>][] = [
    ['of another digest', 'SIGNS_OTHER', () => signed(payloadOf(`sha256:${'0'.repeat(64)}`, 'x'))],
    ['by another key', 'SIGNATURE_WRONG', (digest) => signed(payloadOf(digest, 'x'), [theirs])],
    [
      'by a key that has expired since',
      'KEY_EXPIRED',
      (digest) => signed(payloadOf(digest, 'x'), [expired], new Date(Date.now() - 1.5 * day)),
    ],
    ['by two keys', 'SIGNATURE_MALFORMED', (digest) => signed(payloadOf(digest, 'x'), [ours, theirs])],
    ['of another kind', 'SIGNATURE_FORM_UNKNOWN', (digest) => signed(payloadOf(digest, 'x', { type: 'y' }))],
    ['without a name', 'SIGNATURE_MALFORMED', (digest) => signed(payloadOf(digest, 'x', { identity: {} }))],
    ['of other text', 'SIGNATURE_MALFORMED', () => signed(Buffer.from('hello'))],
    ['that is none', 'SIGNATURE_MALFORMED', async (digest) => payloadOf(digest, 'x')],
    ['of a megabyte and more', 'SIGNATURE_TOO_LARGE', async () => Buffer.alloc(2 ** 20 + 1)],
    ['that is empty', 'SIGNATURE_MALFORMED', async () => Buffer.alloc(0)],
  ];

  it.each(refused)('%s is refused: %s', async (_, code, make) => {
    const image = new SignedImage();
    const folder = lookaside(image.manifest.digest, await make(image.manifest.digest));

    expect((await check(image, folder)).codes).toEqual([code]);
  });

  it('is refused with a byte changed, wherever it is', async () => {
    const image = new SignedImage();
    const good = await signed(payloadOf(image.manifest.digest, 'x'));
    const bad = Array.from({ length: 40 }, (_, at) => {
      const bytes = Buffer.from(good);
      bytes[(at * 13) % good.length]! ^= 4;
      return bytes;
    });

    const { codes } = await check(image, lookaside(image.manifest.digest, ...bad));

    expect(codes).toHaveLength(40);
    expect(codes).not.toContain('verified');
    // The date and file name of an OpenPGP text are under no signature, and not read.
    expect(codes.filter((code) => code === 'SIGNS_OTHER_NAME').length).toBeLessThanOrEqual(2);
  });

  it('is not there: unsigned', async () => {
    expect((await check(new SignedImage(), temporaryFolder())).verdict).toBe('unsigned');
  });
});

it('a layout has no name: its signatures stand in the folder itself, and their name is told', async () => {
  const image = new SignedImage();
  const folder = temporaryFolder();
  const bytes = await signed(payloadOf(image.index.digest, 'registry.example/lab/x:1'));
  writeFileSync(join(folder, 'signature-1'), bytes);
  const openpgp = [{ file: 'ours.asc', bytes: ours.armored }];
  const asked = { keys: [], identities: [], thresholds: {}, certificates: [], openpgp };

  const { signatures } = await checkSigned(
    `oci:${image.layout()}:1`,
    asked,
    { env: {}, lookaside: folder },
    new Date(),
  );

  expect(signatures[0]).toMatchObject({
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    outcome: { state: 'verified', name: 'registry.example/lab/x:1' },
  });
});
