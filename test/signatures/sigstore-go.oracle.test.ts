import { execFile } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RequiredSigners } from '../../src/signatures/asked.ts';
import { checkSigned, readTrustedKey, readTrustedRoot } from '../../src/signatures/index.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { SignedImage } from './support/signed-image.ts';
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
} from './support/sigstore-instance.ts';

const run = promisify(execFile);

/** The same bundles, roots, names and keys for sigstore-go (for keys: cosign) and for us. */
describe.skipIf(!hasOracle('sigstore-go-verification', 'cosign'))('bundles by sigstore-go and by us', () => {
  let instance: SigstoreInstance;
  const folder = temporaryFolder('sigstore-go');
  const { publicKey, privateKey } = ecKeys();
  const ed25519 = generateKeyPairSync('ed25519');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 3072 });

  beforeAll(async () => {
    instance = await newInstance();
    writeFileSync(join(folder, 'root.json'), instance.trustedRoot);
  });

  /** The command of sigstore-go wants a time of signing, which a key need not have: cosign judges these. */
  const byCosign = [
    'cosign',
    ...['verify-blob-attestation', '--new-bundle-format', '--bundle', 'bundle.json', '--key', 'key.pub'],
    ...[
      '--type',
      'https://sigstore.dev/cosign/sign/v1',
      '--insecure-ignore-tlog=true',
      '--trusted-root',
      'root.json',
    ],
    'manifest.json',
  ];

  interface Case {
    bundle: Json;
    key?: KeyObject;
    identity?: string;
    issuer?: string;
  }

  async function theirs(image: SignedImage, { bundle, key, identity, issuer }: Case): Promise<boolean> {
    writeFileSync(join(folder, 'bundle.json'), JSON.stringify(bundle));
    if (key) writeFileSync(join(folder, 'key.pub'), publicPem(key));
    const [command, ...args] = key
      ? byCosign
      : [
          'sigstore-go-verification',
          ...['-artifact-digest', image.manifest.digest.replace('sha256:', '')],
          ...['-expectedSAN', identity ?? usualIdentity, '-expectedIssuer', issuer ?? usualIssuer],
          ...['-trustedrootJSONpath', 'root.json', 'bundle.json'],
        ];
    writeFileSync(join(folder, 'manifest.json'), image.manifest.bytes);
    return run(command!, args, { cwd: folder, env: { ...process.env, HOME: folder } }).then(
      () => true,
      () => false,
    );
  }

  async function ours(image: SignedImage, { bundle, key, identity, issuer }: Case): Promise<boolean> {
    image.attachBundle(image.manifest.digest, bundle);
    const asked: RequiredSigners = {
      keys: key ? [readTrustedKey(publicPem(key), 'key.pub')] : [],
      identities: key ? [] : [{ name: identity ?? usualIdentity, issuer: issuer ?? usualIssuer }],
      certificates: [],
      openpgp: [],
      thresholds: {},
      ...(!key && { trust: readTrustedRoot(instance.trustedRoot, 'root.json') }),
    };
    const { verdict } = await checkSigned(`oci:${image.layout()}:1`, asked, {}, new Date());
    return verdict === 'signed';
  }

  const named = (image: SignedImage) => statementOf(image.manifest.digest);
  const keyless = (image: SignedImage) => instance.signStatement(named(image));
  const changed = async (image: SignedImage, change: (bundle: Json) => void) => {
    const bundle = structuredClone(await keyless(image));
    change(bundle);
    return { bundle };
  };
  const member = (value: unknown, name: string) => (value as Json)[name] as Json;
  const entryOf = (bundle: Json) =>
    (member(bundle, 'verificationMaterial')['tlogEntries'] as Json[])[0] as Json;

  it.each<[string, boolean, (image: SignedImage) => Promise<Case> | Case]>([
    ['by a name', true, async (image) => ({ bundle: await keyless(image) })],
    [
      'with a timestamp too',
      true,
      async (image) => ({ bundle: await instance.signStatement(named(image), { stamped: true }) }),
    ],
    ['over the bytes', true, async (image) => ({ bundle: await instance.signBytes(image.manifest.bytes) })],
    ['by a key', true, (image) => ({ bundle: signByKey(named(image), privateKey), key: publicKey })],
    [
      'by an Ed25519 key',
      true,
      (image) => ({ bundle: signByKey(named(image), ed25519.privateKey), key: ed25519.publicKey }),
    ],
    [
      'by an RSA key',
      true,
      (image) => ({ bundle: signByKey(named(image), rsa.privateKey), key: rsa.publicKey }),
    ],
    [
      'by another key',
      false,
      (image) => ({ bundle: signByKey(named(image), ecKeys().privateKey), key: publicKey }),
    ],
    [
      'by another Ed25519 key',
      false,
      (image) => ({
        bundle: signByKey(named(image), generateKeyPairSync('ed25519').privateKey),
        key: ed25519.publicKey,
      }),
    ],
    [
      'by another name',
      false,
      async (image) => ({ bundle: await keyless(image), identity: 'https://git.example/other' }),
    ],
    [
      'by another issuer',
      false,
      async (image) => ({ bundle: await keyless(image), issuer: 'https://other.example' }),
    ],
    [
      'of another image',
      false,
      async (image) => ({ bundle: await instance.signStatement(statementOf(image.other.digest)) }),
    ],
    [
      'of another instance',
      false,
      async (image) => ({ bundle: await (await newInstance()).signStatement(named(image)) }),
    ],
    [
      'without an entry of a log',
      false,
      (image) =>
        changed(image, (bundle) => {
          member(bundle, 'verificationMaterial')['tlogEntries'] = [];
        }),
    ],
    [
      'with the entry of another signature',
      false,
      async (image) => {
        const other = await keyless(image);
        return changed(image, (bundle) => {
          member(bundle, 'verificationMaterial')['tlogEntries'] = [entryOf(other)];
        });
      },
    ],
    [
      'with another root in the proof',
      false,
      (image) =>
        changed(image, (bundle) => {
          member(entryOf(bundle), 'inclusionProof')['rootHash'] = Buffer.alloc(32).toString('base64');
        }),
    ],
    [
      'with a changed payload',
      false,
      (image) =>
        changed(image, (bundle) => {
          const payload = { ...named(image), predicate: { changed: true } };
          member(bundle, 'dsseEnvelope')['payload'] = Buffer.from(JSON.stringify(payload)).toString('base64');
        }),
    ],
    [
      'of an unknown version',
      false,
      (image) =>
        changed(image, (bundle) => {
          bundle['mediaType'] = 'application/vnd.dev.sigstore.bundle.v9.9+json';
        }),
    ],
  ])('%s: %s', async (name, expected, make) => {
    const image = new SignedImage(name);
    const made = await make(image);

    expect({ ours: await ours(image, made), theirs: await theirs(image, made) }).toEqual({
      ours: expected,
      theirs: expected,
    });
  });
});
