import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseRegistryReference } from '../../src/image/reference.ts';
import type { SignedResult } from '../../src/model/verdict/index.ts';
import { checkSigned, readSigningPolicy } from '../../src/signatures/index.ts';
import { parseDistinguishedName } from '../../src/signatures/notary/distinguished-name.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { envelopeTypes, type NotarySigner, type NotarySigning, newSigner } from './support/notary-signer.ts';
import { SignedImage } from './support/signed-image.ts';

type Json = Record<string, unknown>;

const config = temporaryFolder('notation');
const file = join(config, 'trustpolicy.json');
let signer: NotarySigner;

beforeAll(async () => {
  signer = await newSigner();
  const root = signer.trusted()[0]!.raw;
  for (const store of ['ca/lab', 'signingAuthority/lab', 'ca/empty/folder', 'ca/linked', 'ca/broken']) {
    mkdirSync(join(config, 'truststore/x509', store), { recursive: true });
  }
  writeFileSync(join(config, 'truststore/x509/ca/lab/root.crt'), root);
  writeFileSync(join(config, 'truststore/x509/signingAuthority/lab/root.crt'), root);
  writeFileSync(join(config, 'truststore/x509/ca/broken/root.crt'), 'no certificate');
  symlinkSync(
    join(config, 'truststore/x509/ca/lab/root.crt'),
    join(config, 'truststore/x509/ca/linked/root.crt'),
  );
});

function statement(more: Json = {}): Json {
  return {
    name: 'lab',
    registryScopes: ['*'],
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:lab'],
    trustedIdentities: ['*'],
    ...more,
  };
}

function policyOf(...trustPolicies: Json[]): Json {
  return { version: '1.0', trustPolicies };
}

function read(policy: Json) {
  return readSigningPolicy(Buffer.from(JSON.stringify(policy)), file);
}

describe('a trust policy', () => {
  it.each<[string, Json, RegExp]>([
    ['of another version', { ...policyOf(statement()), version: '2.0' }, /version 1.0/],
    ['without statements', policyOf(), /at least one policy/],
    ['with a nameless statement', policyOf(statement({ name: '' })), /expected a text/],
    ['with a name twice', policyOf(statement(), statement({ registryScopes: ['a.example/b'] })), /name once/],
    ['without scopes', policyOf(statement({ registryScopes: [] })), /list of texts/],
    ['with a scope twice', policyOf(statement(), statement({ name: 'other' })), /scope once/],
    ['with * beside a scope', policyOf(statement({ registryScopes: ['*', 'a.example/b'] })), /\* alone/],
    ['of an unknown level', policyOf(statement({ signatureVerification: { level: 'loose' } })), /strict/],
    ['without a store', policyOf(statement({ trustStores: [] })), /trust stores and trusted identities/],
    ['without an identity', policyOf(statement({ trustedIdentities: [] })), /trust stores and trusted/],
    ['that skips with a store', policyOf(statement({ signatureVerification: { level: 'skip' } })), /neither/],
    ['with an empty identity', policyOf(statement({ trustedIdentities: [''] })), /x509\.subject/],
    ['with an identity of another kind', policyOf(statement({ trustedIdentities: ['mail:me'] })), /x509/],
    [
      'with an identity without a name',
      policyOf(statement({ trustedIdentities: ['x509.subject:'] })),
      /x509/,
    ],
    [
      'with * beside an identity',
      policyOf(statement({ trustedIdentities: ['*', 'x509.subject:C=US'] })),
      /\* al/,
    ],
    [
      'with an identity in another',
      policyOf(
        statement({
          trustedIdentities: ['x509.subject: C=US, ST=WA, O=lab', 'x509.subject: C=US, ST=WA, O=lab, CN=me'],
        }),
      ),
      /identities apart/,
    ],
    ['with a store without a name', policyOf(statement({ trustStores: ['ca'] })), /ca:NAME/],
    ['with a store of another type', policyOf(statement({ trustStores: ['gpg:lab'] })), /ca:NAME/],
    ['with a store outside', policyOf(statement({ trustStores: ['ca:..'] })), /ca:NAME/],
    ['with an unknown member', policyOf(statement({ more: 1 })), /found "more"/],
    ['with an override of integrity', override({ integrity: 'log' }), /found "integrity"/],
    ['that skips authenticity', override({ authenticity: 'skip' }), /enforce or log/],
    ['with an unknown action', override({ expiry: 'warn' }), /enforce or log/],
    ...[
      '1:1',
      'abcd',
      'example.com',
      'example.com/rep:tag',
      'example.com/*',
      '10.10.10.10:8080/rep/rep2:latest',
    ].map((scope): [string, Json, RegExp] => [
      `of the scope ${scope}`,
      policyOf(statement({ registryScopes: [scope] })),
      /HOST\/NAME/,
    ]),
  ])('%s is refused', (_, policy, message) => {
    expect(() => read(policy)).toThrow(message);
  });

  function override(actions: Json): Json {
    return policyOf(statement({ signatureVerification: { level: 'strict', override: actions } }));
  }

  it.each(['*', 'example.com/rep', 'example.com:8080/rep/rep2', '10.10.10.10:8080/rep', 'domain/rep'])(
    'of the scope %s is read',
    (scope) => {
      expect(() => read(policyOf(statement({ registryScopes: [scope] })))).not.toThrow();
    },
  );

  it.each<[string, Json, RegExp]>([
    ['that is not there', { trustStores: ['ca:none'] }, /found none/],
    ['that is empty', { trustStores: ['ca:empty'] }, /found none/],
    ['with a link', { trustStores: ['ca:linked'] }, /found a link/],
    ['with something else', { trustStores: ['ca:broken'] }, /PEM or DER/],
  ])('with a store %s is refused when it is used', (_, more, message) => {
    const policy = read(policyOf(statement(more)));

    expect(() => policy.demandFor(parseRegistryReference('registry.example/app:1'))).toThrow(message);
  });

  it('holds by the whole repository, then by *', () => {
    const narrow = statement({ name: 'narrow', registryScopes: ['registry.example/lab/app'] });
    const scopeOf = (policy: Json, name: string) =>
      read(policy).demandFor(parseRegistryReference(name)).policy?.scope;

    expect(scopeOf(policyOf(statement(), narrow), 'registry.example/lab/app:1')).toBe('narrow');
    expect(scopeOf(policyOf(statement(), narrow), 'registry.example/lab/other:1')).toBe('lab');
    expect(scopeOf(policyOf(narrow), 'registry.example/lab/app/more:1')).toBe('no policy');
  });
});

describe('a name', () => {
  it('is read as RFC 4514 has it', () => {
    const name = parseDistinguishedName('C=US, S=WA,O=acme\\, Inc\\2e , CN = me ');
    expect([...name]).toEqual([
      ['C', 'US'],
      ['ST', 'WA'],
      ['O', 'acme, Inc.'],
      ['CN', 'me'],
    ]);
  });

  it.each(['', 'C=US', 'C=US,ST=WA,O=a+CN=b', 'C=US,C=US,ST=WA,O=a', 'acme', 'C=US,ST=WA,O='])(
    '%j is refused',
    (text) => {
      expect(() => parseDistinguishedName(text)).toThrow();
    },
  );
});

describe('by a trust policy', () => {
  async function checked(more: Json, signing: NotarySigning = {}): Promise<SignedResult['verdict'] | string> {
    const image = new SignedImage();
    image.attach({
      to: image.manifest.digest,
      artifactType: 'application/vnd.cncf.notary.signature',
      layers: [{ bytes: await signer.sign(image.manifest, signing), mediaType: envelopeTypes.jws }],
    });
    const policy = read(policyOf(statement(more)));
    const { verdict, signatures } = await checkSigned(`oci:${image.layout()}:1`, policy, {}, new Date());
    const [outcome] = signatures.map((one) => one.outcome);
    if (outcome?.state === 'refused') return outcome.refusal.code;
    const logged = outcome?.state === 'verified' ? (outcome.logged ?? []) : [];
    return [verdict, ...logged.map(({ code }) => code)].join(' ');
  }

  const level = (name: string, override?: Json) => ({
    signatureVerification: { level: name, ...(override && { override }) },
  });
  const expired = {
    attributes: {
      crit: ['io.cncf.notary.signingScheme', 'io.cncf.notary.expiry'],
      'io.cncf.notary.expiry': '2020-01-01T00:00:00Z',
    },
  };
  const stranger = { trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'] };

  it.each<[string, string, Json, NotarySigning]>([
    ['a signature as asked', 'signed', {}, {}],
    ['an expired one, strict', 'SIGNATURE_EXPIRED', {}, expired],
    ['an expired one, permissive', 'signed SIGNATURE_EXPIRED', level('permissive'), expired],
    ['an expired one, logged', 'signed SIGNATURE_EXPIRED', level('strict', { expiry: 'log' }), expired],
    ['one by another name', 'IDENTITY_OTHER', stranger, {}],
    ['one by another name, permissive', 'IDENTITY_OTHER', { ...stranger, ...level('permissive') }, {}],
    ['one by another name, audit', 'not_required IDENTITY_OTHER', { ...stranger, ...level('audit') }, {}],
    [
      'one of a signer where a service is asked for',
      'SIGNER_OTHER_KIND',
      { trustStores: ['signingAuthority:lab'] },
      {},
    ],
    [
      'one of another image, audit',
      'SIGNS_OTHER',
      level('audit'),
      { target: { digest: `sha256:${'0'.repeat(64)}` } },
    ],
    [
      'any, skipped',
      'not_required',
      { ...level('skip'), trustStores: undefined, trustedIdentities: undefined },
      {},
    ],
  ])('%s: %s', async (_, expected, more, signing) => {
    expect(await checked(more, signing)).toBe(expected);
  });
});
