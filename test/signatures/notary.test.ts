import { beforeAll, describe, expect, it } from 'vitest';
import type { RefusalCode } from '../../src/model/verdict/index.ts';
import type { RequiredSigners } from '../../src/signatures/asked.ts';
import { checkSigned } from '../../src/signatures/index.ts';
import { readCbor } from '../../src/signatures/notary/cbor.ts';
import {
  cbor,
  envelopeTypes,
  type NotarySigner,
  type NotarySigning,
  newSigner,
} from './support/notary-signer.ts';
import { SignedImage } from './support/signed-image.ts';

const artifactType = 'application/vnd.cncf.notary.signature';
const hour = 3_600_000;

let ours: NotarySigner;
let theirs: NotarySigner;

beforeAll(async () => {
  [ours, theirs] = await Promise.all([newSigner(), newSigner()]);
});

function asked(more: Partial<RequiredSigners> = {}): RequiredSigners {
  return { keys: [], identities: [], thresholds: {}, certificates: ours.trusted(), openpgp: [], ...more };
}

async function check(image: SignedImage, wanted: RequiredSigners, now = new Date()) {
  const { verdict, signatures } = await checkSigned(`oci:${image.layout()}:1`, wanted, { env: {} }, now);
  const codes = signatures.map(({ outcome }) =>
    outcome.state === 'refused' ? outcome.refusal.code : outcome.state,
  );
  return { verdict, signatures, codes };
}

function attach(image: SignedImage, bytes: Buffer, form: keyof typeof envelopeTypes = 'jws') {
  const layers = [{ bytes, mediaType: envelopeTypes[form] }];
  image.attach({ to: image.manifest.digest, artifactType, layers });
}

describe('a Notary Project signature', () => {
  it.each(['jws', 'cose'] as const)(
    'in an envelope %s is verified; revocation is said to be not checked',
    async (form) => {
      const image = new SignedImage();
      attach(image, await ours.sign(image.manifest, { form }), form);

      const { verdict, signatures } = await check(image, asked());

      expect(verdict).toBe('signed');
      expect(signatures).toMatchObject([
        {
          form: 'notation',
          outcome: {
            state: 'verified',
            signer: { kind: 'x509', trusted: expect.stringContaining('CN=sigstore'), file: 'root.crt' },
            times: [],
            unchecked: ['revocation'],
          },
        },
      ]);
    },
  );

  it('of a service is as good as its word for the time', async () => {
    const image = new SignedImage();
    const names = ['io.cncf.notary.signingScheme', 'io.cncf.notary.authenticSigningTime'];
    const at = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    const attributes = { crit: names, [names[0]!]: 'notary.x509.signingAuthority', [names[1]!]: at };
    attach(image, await ours.sign(image.manifest, { attributes }));
    const trusted = asked({ certificates: ours.trusted('signing-authority') });

    const { signatures } = await check(image, trusted, new Date(Date.now() + hour));

    expect(signatures[0]?.outcome).toMatchObject({ times: [{ at, by: 'signing-authority' }] });
    expect((await check(image, asked())).codes).toEqual(['SIGNER_OTHER_KIND']);
  });

  const critical = (name: string, value: unknown) => ({
    crit: ['io.cncf.notary.signingScheme', name],
    [name]: value,
  });

  const refused: [string, RefusalCode, NotarySigning][] = [
    ['of another digest', 'SIGNS_OTHER', { target: { digest: `sha256:${'0'.repeat(64)}` } }],
    ['of another size', 'SIGNS_OTHER', { target: { size: 1 } }],
    ['of another type', 'SIGNS_OTHER', { target: { mediaType: 'application/json' } }],
    [
      'that has expired',
      'SIGNATURE_EXPIRED',
      { attributes: critical('io.cncf.notary.expiry', '2020-01-01T00:00:00Z') },
    ],
    [
      'whose expiry is no time',
      'SIGNATURE_MALFORMED',
      { attributes: critical('io.cncf.notary.expiry', 'soon') },
    ],
    [
      'with a critical attribute that is not known',
      'SIGNATURE_FORM_UNKNOWN',
      { attributes: critical('x', 1) },
    ],
    ['whose scheme is not critical', 'SIGNATURE_FORM_UNKNOWN', { attributes: { crit: [] } }],
    [
      'of a scheme to come',
      'SIGNATURE_FORM_UNKNOWN',
      { attributes: { 'io.cncf.notary.signingScheme': 'x' } },
    ],
    ['of another content', 'SIGNATURE_FORM_UNKNOWN', { attributes: { cty: 'text/plain' } }],
    ["by an algorithm that is not the key's", 'SIGNATURE_WRONG', { attributes: { alg: 'ES384' } }],
    ['by no algorithm', 'SIGNATURE_MALFORMED', { attributes: { alg: 'none' } }],
    ['without its root', 'CERTIFICATE_UNSUITABLE', { chain: (leaf) => [leaf] }],
    ['with certificates in another order', 'CERTIFICATE_UNSUITABLE', { chain: (leaf, root) => [root, leaf] }],
    ['by an authority itself', 'CERTIFICATE_UNSUITABLE', { chain: (_, root) => [root] }],
    ['without certificates', 'SIGNATURE_MALFORMED', { chain: () => [] }],
    [
      'with a thousand certificates',
      'SIGNATURE_TOO_LARGE',
      { chain: (leaf) => Array.from({ length: 1000 }, () => leaf) },
    ],
  ];

  it.each(refused)('%s is refused: %s', async (_, code, options) => {
    const image = new SignedImage();
    attach(image, await ours.sign(image.manifest, options));

    expect((await check(image, asked())).codes).toEqual([code]);
  });

  /** JSON whose text cannot be told: it says that its toString is a number. */
  const textless = { toString: 1, valueOf: 1 };
  it.each<[string, NotarySigning]>([
    ['algorithm', { attributes: { alg: textless } }],
    ['content type', { attributes: { cty: textless } }],
    ['scheme', { attributes: { 'io.cncf.notary.signingScheme': textless } }],
    ['critical attribute', { attributes: { crit: [textless] } }],
    ['time', { attributes: { 'io.cncf.notary.expiry': textless } }],
    ['digest', { target: { digest: textless } }],
    ['size', { target: { size: textless } }],
    ['type', { target: { mediaType: textless } }],
  ])('with an object for its %s is refused and does not stop the check', async (_, options) => {
    const image = new SignedImage();
    attach(image, await ours.sign(image.manifest, options));
    attach(image, await ours.sign(image.manifest));

    const { verdict, codes } = await check(image, asked());

    expect({ verdict, refused: codes.filter((code) => code !== 'verified').length }).toEqual({
      verdict: 'signed',
      refused: 1,
    });
  });

  it('below another authority is refused', async () => {
    const image = new SignedImage();
    attach(image, await theirs.sign(image.manifest));

    expect((await check(image, asked())).codes).toEqual(['CERTIFICATE_UNTRUSTED']);
  });

  it('is refused when its certificate is no longer valid: no time is proven', async () => {
    const image = new SignedImage();
    attach(image, await ours.sign(image.manifest));

    expect((await check(image, asked(), new Date(Date.now() + hour))).codes).toEqual(['CERTIFICATE_EXPIRED']);
  });

  it('is refused where a key or a name is asked for', async () => {
    const image = new SignedImage();
    attach(image, await ours.sign(image.manifest));

    expect((await check(image, asked({ certificates: [] }))).codes).toEqual(['SIGNER_OTHER_KIND']);
  });

  it('is refused with a byte changed, wherever it is', async () => {
    for (const form of ['jws', 'cose'] as const) {
      const image = new SignedImage();
      const good = await ours.sign(image.manifest, { form });
      for (let at = 7; at < good.length; at += 97) {
        const bytes = Buffer.from(good);
        bytes[at]! ^= 1;
        attach(image, bytes, form);
      }

      const { codes } = await check(image, asked());

      // Base64 has bits that mean nothing, and x5c is not signed: the chain itself is checked.
      expect(codes.filter((code) => code === 'verified').length, `${form}: ${codes}`).toBeLessThanOrEqual(1);
    }
  });

  it('with members that the form does not know is refused', async () => {
    const image = new SignedImage();
    const envelope = JSON.parse((await ours.sign(image.manifest)).toString('utf8')) as object;
    attach(image, Buffer.from(JSON.stringify({ ...envelope, signatures: [] })));

    expect((await check(image, asked())).codes).toEqual(['SIGNATURE_MALFORMED']);
  });
});

describe('CBOR', () => {
  it('reads what it should', () => {
    const value = [1, -7, 'text', Buffer.from('bytes'), new Map([[33, ['x']]]), 300];
    expect(readCbor(cbor(value))).toEqual(value);
  });

  it.each([
    ['nothing', ''],
    ['an array longer than its bytes', '9bffffffffffffff'],
    ['a text longer than its bytes', '7affffffff'],
    ['a length without an end', '9f01ff'],
    ['a number of 8 bytes beyond safe ones', '1bffffffffffffffff'],
    ['a label twice', 'a201010102'],
    ['a label that is an array', 'a18001'],
    ['a float', 'f93c00'],
    ['bytes after the end', '0101'],
    ['a thousand levels', '81'.repeat(1000)],
    ['ten thousand items', `99${(10_000).toString(16)}${'01'.repeat(10_000)}`],
  ])('refuses %s', (_, hex) => {
    expect(() => readCbor(Buffer.from(hex, 'hex'))).toThrow(/^CBOR: expected/);
  });
});
