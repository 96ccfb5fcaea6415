import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusals } from '../../src/model/verdict/index.ts';
import { newSigner } from '../signatures/support/notary-signer.ts';
import { legacyPayload, SignedImage } from '../signatures/support/signed-image.ts';
import {
  ecKeys,
  newInstance,
  publicPem,
  type SigstoreInstance,
  signByKey,
  statementOf,
  usualIdentity,
  usualIssuer,
} from '../signatures/support/sigstore-instance.ts';
import { project, scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const { publicKey, privateKey } = ecKeys();
let folder: string;
let instance: SigstoreInstance;
let keyless: string;
let byKey: string;
let unsigned: string;
let notary: string;

beforeAll(async () => {
  folder = temporaryFolder();
  instance = await newInstance();
  writeFileSync(join(folder, 'root.json'), instance.trustedRoot);
  writeFileSync(join(folder, 'key.pub'), publicPem(publicKey));
  writeFileSync(join(folder, 'other.pub'), publicPem(ecKeys().publicKey));
  writeFileSync(join(folder, 'broken.json'), '{"mediaType":"application/json"}');
  writeFileSync(join(folder, 'anything.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
  writeFileSync(join(folder, 'reject.json'), '{"default":[{"type":"reject"}]}');
  const statement = (image: SignedImage) => statementOf(image.manifest.digest);
  const first = new SignedImage();
  first.attachBundle(first.manifest.digest, await instance.signStatement(statement(first)));
  keyless = `oci:${first.layout()}:1`;
  const second = new SignedImage();
  second.attachBundle(second.manifest.digest, signByKey(statement(second), privateKey));
  second.tag(`${second.manifest.digest.replace(':', '-')}.sig`, [
    {
      bytes: legacyPayload(second.other.digest),
      mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    },
  ]);
  byKey = `oci:${second.layout()}:1`;
  const signer = await newSigner();
  writeFileSync(join(folder, 'root.crt'), signer.trusted()[0]!.raw);
  const third = new SignedImage();
  third.attach({
    to: third.index.digest,
    artifactType: 'application/vnd.cncf.notary.signature',
    layers: [{ bytes: await signer.sign(third.index), mediaType: 'application/jose+json' }],
  });
  notary = `oci:${third.layout()}:1`;
  unsigned = `oci:${new SignedImage().layout()}:1`;
});

function signed(reference: string, ...options: string[]) {
  return scapfeed(['signed', reference, ...options], {}, folder);
}

const identity = ['--identity', usualIdentity, '--issuer', usualIssuer];
const root = ['--trusted-root', 'root.json'];

describe('the exit code', () => {
  it.each<[string, number, RegExp, () => string, string[]]>([
    [
      'a signature by the name that is asked for',
      0,
      /signed as required/,
      () => keyless,
      [...identity, ...root],
    ],
    ['a signature by the key that is asked for', 0, /signed as required/, () => byKey, ['--key', 'key.pub']],
    ['one good signature among bad ones', 0, /1 other is refused/, () => byKey, ['--key', 'key.pub']],
    [
      'a signature below a certificate',
      0,
      /revocation: not checked/,
      () => notary,
      ['--notation-cert', 'root.crt'],
    ],
    ['a signature by no service', 1, /SIGNER_OTHER_KIND/, () => notary, ['--notation-authority', 'root.crt']],
    ['a certificate that is none', 3, /TRUST_ROOT_INVALID/, () => notary, ['--notation-cert', 'root.json']],
    ['a signature by another key', 1, /SIGNATURE_WRONG/, () => byKey, ['--key', 'other.pub']],
    [
      'a signature by another name',
      1,
      /IDENTITY_OTHER/,
      () => keyless,
      ['--identity', 'me', '--issuer', usualIssuer, ...root],
    ],
    ['no signature at all', 4, /no signature was found/, () => unsigned, ['--key', 'key.pub']],
    [
      'no attestation of the type that is asked for',
      4,
      /not signed/,
      () => keyless,
      [...identity, ...root, '--attestation', 'slsa'],
    ],
    ['nobody asked for', 2, /no required signer is given/, () => byKey, []],
    ['a name without an issuer', 2, /go together/, () => byKey, ['--identity', 'me']],
    ['an OpenPGP key, and no folder', 2, /add --lookaside/, () => byKey, ['--gpg-key', 'key.pub']],
    [
      'an OpenPGP key that is none',
      3,
      /TRUST_ROOT_INVALID/,
      () => byKey,
      ['--gpg-key', 'key.pub', '--lookaside', '.'],
    ],
    [
      'a pattern that is none',
      2,
      /identity-regexp/,
      () => byKey,
      ['--identity-regexp', '(', '--issuer', 'x'],
    ],
    ['a name, and no root to believe', 3, /TRUST_ROOT_MISSING/, () => keyless, identity],
    ['a key that is not there', 3, /TRUST_ROOT_MISSING/, () => byKey, ['--key', 'none.pub']],
    ['a key that is none', 3, /TRUST_ROOT_INVALID/, () => byKey, ['--key', 'root.json']],
    [
      'a root that is none',
      3,
      /TRUST_ROOT_INVALID/,
      () => keyless,
      [...identity, '--trusted-root', 'broken.json'],
    ],
    [
      'a policy that asks for nothing',
      4,
      /not proven: the policy/,
      () => byKey,
      ['--policy', 'anything.json'],
    ],
    ['a policy that rejects', 1, /rejected: the policy/, () => byKey, ['--policy', 'reject.json']],
    [
      'a policy and a key',
      2,
      /leave out --key/,
      () => byKey,
      ['--policy', 'reject.json', '--key', 'key.pub'],
    ],
    ['a policy that is none', 3, /TRUST_POLICY_INVALID/, () => byKey, ['--policy', 'broken.json']],
    ['a policy that is not there', 3, /TRUST_ROOT_MISSING/, () => byKey, ['--policy', 'none.json']],
    ['an image that is not there', 2, /IMAGE_NOT_FOUND/, () => 'oci:./none', ['--key', 'key.pub']],
  ])('of %s is %d', (_, code, words, reference, options) => {
    const result = signed(reference(), ...options);

    expect(`${result.out}${result.err}`).toMatch(words);
    expect(result.code).toBe(code);
  });
});

describe('the JSON', () => {
  const schema = JSON.parse(readFileSync(join(project, 'schemas/signed.schema.json'), 'utf8')) as {
    $defs: { refusal: { properties: { code: { enum: string[] } } } };
  };
  const validate = new Ajv2020({ strict: true, allErrors: true, strictRequired: false }).compile(schema);

  it.each<[string, () => string, string[]]>([
    ['a signature without a key', () => keyless, [...identity, ...root]],
    ['a good signature and a refused one', () => byKey, ['--key', 'key.pub']],
    ['one that is not asked for', () => keyless, [...identity, ...root, '--attestation', 'slsa']],
    ['a signature below a certificate', () => notary, ['--notation-cert', 'root.crt']],
    ['none', () => unsigned, ['--key', 'key.pub']],
    ['a policy', () => byKey, ['--policy', 'reject.json']],
  ])('of %s follows its schema', (_, reference, options) => {
    validate(JSON.parse(signed(reference(), ...options, '-o', 'json').out));

    expect(validate.errors).toBeNull();
  });

  it('has a word for every refusal', () => {
    expect(schema.$defs.refusal.properties.code.enum).toEqual(Object.keys(refusals));
  });
});
