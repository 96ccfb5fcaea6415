import { beforeAll, describe, expect, it } from 'vitest';
import type { FoundSignature, RefusalCode } from '../../../src/model/verdict/index.ts';
import type { RequiredSigners } from '../../../src/signatures/asked.ts';
import { checkSigned } from '../../../src/signatures/index.ts';
import { readTrustedRoot } from '../../../src/signatures/sigstore/trusted-root.ts';
import { readTrustedKey } from '../../../src/signatures/trusted-key.ts';
import { legacyPayload, SignedImage } from '../support/signed-image.ts';
import {
  ecKeys,
  type Json,
  newInstance,
  publicPem,
  type SigstoreInstance,
  signByKey,
  statementOf,
  usualIdentity,
  usualIssuer,
} from '../support/sigstore-instance.ts';

let ours: SigstoreInstance;
let theirs: SigstoreInstance;
const { publicKey, privateKey } = ecKeys();
const stranger = ecKeys();

beforeAll(async () => {
  [ours, theirs] = await Promise.all([newInstance(), newInstance()]);
});

function byIdentity(more: Partial<RequiredSigners> = {}): RequiredSigners {
  return {
    keys: [],
    certificates: [],
    openpgp: [],
    identities: [{ name: usualIdentity, issuer: usualIssuer }],
    thresholds: {},
    trust: readTrustedRoot(ours.trustedRoot, 'trusted_root.json'),
    ...more,
  };
}

function byKey(more: Partial<RequiredSigners> = {}): RequiredSigners {
  return {
    keys: [readTrustedKey(publicPem(publicKey), 'key.pub')],
    identities: [],
    certificates: [],
    openpgp: [],
    thresholds: {},
    ...more,
  };
}

async function check(image: SignedImage, asked: RequiredSigners) {
  return checkSigned(`oci:${image.layout()}:1`, asked, { env: {} }, new Date());
}

function codeOf({ outcome }: FoundSignature): string {
  return outcome.state === 'refused' ? outcome.refusal.code : outcome.state;
}

describe('a signature without a key', () => {
  it('is verified, with its signer, build, time and place in the log', async () => {
    const image = new SignedImage();
    const bundle = await ours.signStatement(statementOf(image.manifest.digest), { stamped: true });
    image.attachBundle(image.manifest.digest, bundle);

    const { verdict, signatures } = await check(image, byIdentity());

    expect(verdict).toBe('signed');
    expect(signatures).toEqual([
      {
        form: 'sigstore-bundle',
        place: 'layout',
        digest: expect.stringMatching(/^sha256:/),
        at: { kind: 'manifest', digest: image.manifest.digest },
        outcome: {
          state: 'verified',
          signer: {
            kind: 'certificate',
            identity: usualIdentity,
            issuer: usualIssuer,
            source: {
              repository: 'https://git.example/lab/app',
              commit: 'f'.repeat(40),
              reference: 'refs/heads/main',
            },
          },
          times: [
            { at: expect.stringMatching(/^20/), by: 'log' },
            { at: expect.stringMatching(/^20/), by: 'timestamp-authority' },
          ],
          log: [{ index: expect.stringMatching(/^\d+$/), id: expect.stringMatching(/^[0-9a-f]{64}$/) }],
          statement: { predicateType: 'https://sigstore.dev/cosign/sign/v1', materials: [] },
        },
      },
    ]);
  });

  it('may be of the index, over its bytes', async () => {
    const image = new SignedImage();
    image.attachBundle(image.index.digest, await ours.signBytes(image.index.bytes));

    const { verdict, signatures } = await check(image, byIdentity());

    expect(verdict).toBe('signed');
    expect(signatures[0]?.at).toEqual({ kind: 'index', digest: image.index.digest });
  });

  it('may be of the form of cosign 2', async () => {
    const image = new SignedImage();
    const payload = legacyPayload(image.manifest.digest);
    image.tag(`${image.manifest.digest.replace(':', '-')}.sig`, [
      {
        bytes: payload,
        mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
        annotations: await ours.legacyAnnotations(payload),
      },
    ]);

    const { verdict, signatures } = await check(image, byIdentity());

    expect(verdict).toBe('signed');
    expect(signatures[0]).toMatchObject({ form: 'cosign-signature', place: 'legacy-tag' });
  });

  it('may be asked for by a pattern that the whole name fits', async () => {
    const image = new SignedImage();
    image.attachBundle(image.manifest.digest, await ours.signStatement(statementOf(image.manifest.digest)));
    const named = (pattern: string) =>
      byIdentity({ identities: [{ name: new RegExp(`^(?:${pattern})$`, 'u'), issuer: usualIssuer }] });

    expect((await check(image, named('https://git\\.example/lab/app/.*'))).verdict).toBe('signed');
    expect((await check(image, named('https://git\\.example/lab'))).verdict).toBe('refused');
  });
});

/** One row a manipulation: what is attached, what is asked for, and the code that it is refused with. */
interface Manipulation {
  name: string;
  code: RefusalCode;
  attach(image: SignedImage): Promise<unknown>;
  asked?: () => RequiredSigners;
}

const statement = (image: SignedImage) => statementOf(image.manifest.digest);

/** A good bundle of the manifest, changed. */
function changed(change: (bundle: Json, image: SignedImage) => void | Promise<void>) {
  return async (image: SignedImage) => {
    const bundle = await ours.signStatement(statement(image), { stamped: true });
    await change(bundle, image);
    image.attachBundle(image.manifest.digest, bundle);
  };
}

const materialOf = (bundle: Json) => bundle['verificationMaterial'] as Json;
const entriesOf = (bundle: Json) => materialOf(bundle)['tlogEntries'] as Json[];
const envelopeOf = (bundle: Json) => bundle['dsseEnvelope'] as Json;

/** JSON whose text cannot be told: it says that its toString is a number. */
const textless = { toString: 1, valueOf: 1 };

/** The text of a JSON object with one more member, whose name it has already. */
const twice = (object: Json, member: string) => Buffer.from(`{${member},${JSON.stringify(object).slice(1)}`);

const manipulations: Manipulation[] = [
  {
    name: 'the bundle has two envelopes, of which the last is good',
    code: 'SIGNATURE_MALFORMED',
    attach: async (image) =>
      image.attachBundle(
        image.manifest.digest,
        twice(await ours.signStatement(statement(image), { stamped: true }), '"dsseEnvelope":{}'),
      ),
  },
  {
    name: 'the old payload has two digests, of which the last is that of the image',
    code: 'SIGNATURE_MALFORMED',
    attach: async (image) => {
      const bytes = twice(
        {
          critical: {
            type: 'cosign container image signature',
            image: { 'docker-manifest-digest': image.manifest.digest },
          },
        },
        '"critical":{}',
      );
      image.tag(`${image.manifest.digest.replace(':', '-')}.sig`, [
        {
          bytes,
          mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
          annotations: await ours.legacyAnnotations(bytes),
        },
      ]);
    },
  },
  {
    name: 'the bundle has an object for its media type',
    code: 'SIGNATURE_FORM_UNKNOWN',
    attach: changed((bundle) => {
      bundle['mediaType'] = textless;
    }),
  },
  {
    name: 'the statement has an object for its type',
    code: 'SIGNATURE_FORM_UNKNOWN',
    attach: async (image) =>
      image.attachBundle(
        image.manifest.digest,
        await ours.signStatement({ ...statement(image), _type: textless }),
      ),
  },
  {
    name: 'the old payload has an object for its digest',
    code: 'SIGNS_OTHER',
    attach: async (image) => {
      const critical = {
        type: 'cosign container image signature',
        image: { 'docker-manifest-digest': textless },
      };
      const bytes = Buffer.from(JSON.stringify({ critical }));
      image.tag(`${image.manifest.digest.replace(':', '-')}.sig`, [
        {
          bytes,
          mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
          annotations: await ours.legacyAnnotations(bytes),
        },
      ]);
    },
  },
  {
    name: 'the digest in the statement is of another image',
    code: 'SIGNS_OTHER',
    attach: async (image) =>
      image.attachBundle(
        image.manifest.digest,
        await ours.signStatement(statementOf(`sha256:${'0'.repeat(64)}`)),
      ),
  },
  {
    name: 'the statement is of another platform of the index',
    code: 'SIGNS_OTHER',
    attach: async (image) =>
      image.attachBundle(image.index.digest, await ours.signStatement(statementOf(image.other.digest))),
  },
  {
    name: 'the statement is of the manifest and stands at the index',
    code: 'SIGNS_OTHER_PART',
    attach: async (image) =>
      image.attachBundle(image.index.digest, await ours.signStatement(statement(image))),
  },
  {
    name: 'the signature over bytes is of the index and stands at the manifest',
    code: 'SIGNS_OTHER_PART',
    attach: async (image) =>
      image.attachBundle(image.manifest.digest, await ours.signBytes(image.index.bytes)),
  },
  {
    name: 'the signature over bytes names the digest of the manifest and is of others',
    code: 'LOG_ENTRY_OTHER',
    attach: async (image) => {
      const bundle = await ours.signBytes(Buffer.from('{}'));
      const good = await ours.signBytes(image.manifest.bytes);
      const digest = (good['messageSignature'] as Json)['messageDigest'];
      Object.assign(bundle['messageSignature'] as Json, { messageDigest: digest });
      image.attachBundle(image.manifest.digest, bundle);
    },
  },
  {
    name: 'the payload was exchanged',
    code: 'LOG_ENTRY_OTHER',
    attach: changed((bundle, image) => {
      const forged = { ...statement(image), predicate: { forged: true } };
      envelopeOf(bundle)['payload'] = Buffer.from(JSON.stringify(forged)).toString('base64');
    }),
  },
  {
    name: 'the signature was exchanged',
    code: 'TIME_WRONG',
    attach: changed(async (bundle, image) => {
      const other = await ours.signStatement(statement(image));
      envelopeOf(bundle)['signatures'] = envelopeOf(other)['signatures'];
    }),
  },
  {
    name: 'the certificate was exchanged for that of another signature',
    code: 'SIGNATURE_WRONG',
    attach: changed(async (bundle, image) => {
      const issued = new Date(Date.now() - 60_000);
      const other = await ours.signStatement(statement(image), { issued });
      materialOf(bundle)['certificate'] = materialOf(other)['certificate'];
    }),
  },
  {
    name: 'another name signed',
    code: 'IDENTITY_OTHER',
    attach: async (image) =>
      image.attachBundle(
        image.manifest.digest,
        await ours.signStatement(statement(image), { identity: `${usualIdentity}-fork` }),
      ),
  },
  {
    name: 'another issuer vouches for the name',
    code: 'ISSUER_OTHER',
    attach: async (image) =>
      image.attachBundle(
        image.manifest.digest,
        await ours.signStatement(statement(image), { issuer: 'https://token.evil.example' }),
      ),
  },
  {
    name: 'the certificate had expired when the log took the entry',
    code: 'CERTIFICATE_EXPIRED',
    attach: async (image) =>
      image.attachBundle(
        image.manifest.digest,
        await ours.signStatement(statement(image), { issued: new Date(Date.now() - 3_600_000) }),
      ),
  },
  {
    name: 'the log took the entry in the future',
    code: 'TIME_IN_FUTURE',
    attach: async (image) => {
      const later = new Date(Date.now() + 3_600_000);
      const bundle = await ours.signStatement(statement(image), { issued: later, logged: later });
      image.attachBundle(image.manifest.digest, bundle);
    },
  },
  {
    name: 'another authority issued the certificate',
    code: 'CERTIFICATE_UNTRUSTED',
    attach: async (image) =>
      image.attachBundle(image.manifest.digest, await theirs.signStatement(statement(image))),
  },
  {
    name: 'the certificate is in no trusted log of certificates',
    code: 'CERTIFICATE_NOT_LOGGED',
    attach: async (image) =>
      image.attachBundle(image.manifest.digest, await ours.signStatement(statement(image))),
    asked: () => {
      const root = { ...ours.trusted, ctlogs: theirs.trusted.ctlogs };
      return byIdentity({ trust: readTrustedRoot(JSON.stringify(root), 'root') });
    },
  },
  {
    name: 'another log has the entry',
    code: 'LOG_PROOF_WRONG',
    attach: async (image) =>
      image.attachBundle(image.manifest.digest, await ours.signStatement(statement(image))),
    asked: () => {
      const root = { ...ours.trusted, tlogs: theirs.trusted.tlogs };
      return byIdentity({ trust: readTrustedRoot(JSON.stringify(root), 'root') });
    },
  },
  {
    name: 'the entry of the log is that of another artifact',
    code: 'LOG_ENTRY_OTHER',
    attach: changed(async (bundle, image) => {
      const other = await ours.signStatement(statementOf(image.other.digest));
      materialOf(bundle)['tlogEntries'] = entriesOf(other);
    }),
  },
  {
    name: 'the entry was moved to another time',
    code: 'LOG_PROOF_WRONG',
    attach: changed((bundle) => {
      const [entry] = entriesOf(bundle);
      entry!['integratedTime'] = String(Number(entry!['integratedTime']) + 60);
    }),
  },
  {
    name: 'the root of the proof is another',
    code: 'LOG_PROOF_WRONG',
    attach: changed((bundle) => {
      const proof = entriesOf(bundle)[0]!['inclusionProof'] as Json;
      proof['rootHash'] = Buffer.alloc(32).toString('base64');
      proof['hashes'] = [Buffer.alloc(32).toString('base64')];
    }),
  },
  {
    name: 'there is no entry of a log',
    code: 'LOG_ENTRY_MISSING',
    attach: changed((bundle) => {
      materialOf(bundle)['tlogEntries'] = [];
    }),
  },
  {
    name: 'one entry of a log stands twice where two are asked for',
    code: 'LOG_ENTRY_TWICE',
    attach: changed((bundle) => {
      entriesOf(bundle).push({ ...entriesOf(bundle)[0]!, logIndex: '1' });
    }),
    asked: () => byIdentity({ thresholds: { logEntries: 2 } }),
  },
  {
    name: 'one entry where two are asked for',
    code: 'LOG_ENTRY_MISSING',
    attach: changed(() => {}),
    asked: () => byIdentity({ thresholds: { logEntries: 2 } }),
  },
  {
    name: 'two times where three are asked for',
    code: 'TIME_MISSING',
    attach: changed(() => {}),
    asked: () => byIdentity({ thresholds: { timestamps: 3 } }),
  },
  {
    name: 'the timestamp is of another signature',
    code: 'TIME_WRONG',
    attach: changed(async (bundle, image) => {
      const other = await ours.signStatement(statement(image), { stamped: true });
      materialOf(bundle)['timestampVerificationData'] = materialOf(other)['timestampVerificationData'];
    }),
  },
  {
    name: 'the bundle is cut off',
    code: 'SIGNATURE_MALFORMED',
    attach: async (image) => {
      const text = JSON.stringify(await ours.signStatement(statement(image)));
      image.attachBundle(image.manifest.digest, Buffer.from(text.slice(0, text.length / 2)));
    },
  },
  {
    name: 'the signature is no base64',
    code: 'SIGNATURE_MALFORMED',
    attach: changed((bundle) => {
      envelopeOf(bundle)['signatures'] = [{ sig: '!!!!' }];
    }),
  },
  {
    name: 'the bundle is of a version to come',
    code: 'SIGNATURE_FORM_UNKNOWN',
    attach: changed((bundle) => {
      bundle['mediaType'] = 'application/vnd.dev.sigstore.bundle.v9.9+json';
    }),
  },
  {
    name: 'a million extensions make the certificate large',
    code: 'SIGNATURE_TOO_LARGE',
    attach: changed((bundle) => {
      materialOf(bundle)['certificate'] = { rawBytes: Buffer.alloc(12_000_000, 0x30).toString('base64') };
    }),
  },
  {
    name: 'the certificate is no certificate',
    code: 'SIGNATURE_MALFORMED',
    attach: changed((bundle) => {
      materialOf(bundle)['certificate'] = { rawBytes: Buffer.alloc(1000, 0x30).toString('base64') };
    }),
  },
  {
    name: 'a key signed where a name is asked for',
    code: 'SIGNER_OTHER_KIND',
    attach: async (image) =>
      image.attachBundle(image.manifest.digest, signByKey(statement(image), privateKey)),
  },
  {
    name: 'a certificate signed where a key is asked for',
    code: 'SIGNER_OTHER_KIND',
    attach: async (image) =>
      image.attachBundle(image.manifest.digest, await ours.signStatement(statement(image))),
    asked: byKey,
  },
  {
    name: 'another key signed',
    code: 'SIGNATURE_WRONG',
    attach: async (image) =>
      image.attachBundle(image.manifest.digest, signByKey(statement(image), stranger.privateKey)),
    asked: byKey,
  },
  {
    name: 'a key signed and no log has it, where a root is given',
    code: 'LOG_ENTRY_MISSING',
    attach: async (image) =>
      image.attachBundle(image.manifest.digest, signByKey(statement(image), privateKey)),
    asked: () => byKey({ trust: readTrustedRoot(ours.trustedRoot, 'root') }),
  },
];

it('a trusted root with a name twice is refused', () => {
  const text = twice(JSON.parse(ours.trustedRoot), '"tlogs":[]').toString();
  expect(() => readTrustedRoot(text, 'root')).toThrow(
    expect.objectContaining({
      code: 'TRUST_ROOT_INVALID',
      message: 'expected each name once in an object, found "tlogs" twice',
    }),
  );
});

describe('a manipulated signature', () => {
  it.each(manipulations)('is refused: $name', async ({ code, attach, asked = byIdentity }) => {
    const image = new SignedImage();
    await attach(image);

    const { verdict, signatures } = await check(image, asked());

    expect(signatures.map(codeOf)).toEqual([code]);
    expect(verdict).toBe('refused');
  });

  it('is refused with anything after its end, or after that of a member of bytes', async () => {
    const image = new SignedImage();
    const text = JSON.stringify(await ours.signStatement(statement(image), { stamped: true }));
    const bytes =
      /"(?:rawBytes|keyId|rootHash|canonicalizedBody|signedTimestamp|payload|sig)":"[A-Za-z0-9+/]+=*(?=")/g;
    const members = [...text.matchAll(bytes)];
    const texts = members.flatMap(({ 0: member, index }) =>
      ['=junk', '!', ' x', 'é'].map(
        (junk) => text.slice(0, index + member.length) + junk + text.slice(index + member.length),
      ),
    );
    expect(members.length).toBeGreaterThan(5);

    for (const each of [...texts, `${text}{}`, `${text}x`, `${text}\0`]) {
      const other = new SignedImage();
      other.attachBundle(image.manifest.digest, Buffer.from(each));
      const { verdict, signatures } = await check(other, byIdentity());
      expect(signatures.map(codeOf), each.slice(-100)).toEqual(['SIGNATURE_MALFORMED']);
      expect(verdict).toBe('refused');
    }
  });

  it('is refused with anything after the signatures of its checkpoint', async () => {
    const image = new SignedImage();
    const bundle = await ours.signStatement(statement(image), { stamped: true });
    const text = JSON.stringify(bundle);
    expect(text).toMatch(/"envelope":"[^"]*\\n"/);
    for (const junk of ['x', '!', '\\n', '\\nmore\\n', '\u2014 '])
      image.attachBundle(
        image.manifest.digest,
        Buffer.from(text.replace(/("envelope":"[^"]*)"/, `$1${junk}"`)),
      );
    const { signatures } = await check(image, byIdentity());
    expect(signatures.map(codeOf)).toEqual(Array(5).fill('LOG_PROOF_WRONG'));
  });

  it('does not hide a good one beside it, nor is it hidden', async () => {
    const image = new SignedImage();
    image.attachBundle(image.manifest.digest, await theirs.signStatement(statement(image)));
    image.attachBundle(image.manifest.digest, await ours.signStatement(statement(image)));

    const { verdict, signatures } = await check(image, byIdentity());

    expect(signatures.map(codeOf)).toEqual(['CERTIFICATE_UNTRUSTED', 'verified']);
    expect(verdict).toBe('signed');
  });
});

describe('a signature by a key', () => {
  it('is verified without a root, and no time is proven', async () => {
    const image = new SignedImage();
    image.attachBundle(image.manifest.digest, signByKey(statement(image), privateKey));

    const { verdict, signatures } = await check(image, byKey());

    expect(verdict).toBe('signed');
    expect(signatures[0]?.outcome).toMatchObject({ signer: { kind: 'key', file: 'key.pub' }, times: [] });
    expect(signatures[0]?.outcome).not.toHaveProperty('log');
  });

  it('may be by any of several keys', async () => {
    const image = new SignedImage();
    image.attachBundle(image.manifest.digest, signByKey(statement(image), privateKey));
    const keys = [stranger.publicKey, publicKey].map((key, at) => readTrustedKey(publicPem(key), `${at}`));

    const { signatures } = await check(image, byKey({ keys }));

    expect(signatures[0]?.outcome).toMatchObject({ signer: { file: '1' } });
  });
});

describe('an attestation', () => {
  const slsa = 'https://slsa.dev/provenance/v1';

  it('is no signature of the image', async () => {
    const image = new SignedImage();
    image.attachBundle(
      image.manifest.digest,
      signByKey(statementOf(image.manifest.digest, slsa), privateKey),
    );

    const { verdict, signatures } = await check(image, byKey());

    expect(signatures.map(codeOf)).toEqual(['not_asked']);
    expect(verdict).toBe('unsigned');
  });

  it('that is asked for tells its builder, source and materials', async () => {
    const image = new SignedImage();
    const provenance = {
      buildDefinition: {
        externalParameters: { workflow: { repository: 'https://user:secret@git.example/lab/app' } },
        resolvedDependencies: [
          {
            uri: 'git+https://user:secret@git.example/lab/app@refs/heads/main',
            digest: { gitCommit: 'abc' },
          },
        ],
      },
      runDetails: { builder: { id: 'https://user:secret@git.example/runner' } },
    };
    const signed = { ...statementOf(image.manifest.digest, slsa), predicate: provenance };
    image.attachBundle(image.manifest.digest, signByKey(signed, privateKey));

    const { verdict, signatures } = await check(
      image,
      byKey({ predicateTypes: ['https://slsa.dev/provenance'] }),
    );

    expect(verdict).toBe('signed');
    expect(signatures[0]?.outcome).toMatchObject({
      statement: {
        predicateType: slsa,
        builder: 'https://git.example/runner',
        source: 'https://git.example/lab/app',
        materials: ['git+https://git.example/lab/app@refs/heads/main gitCommit:abc'],
      },
    });
  });
});
