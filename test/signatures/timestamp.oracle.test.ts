import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RequiredSigners } from '../../src/signatures/asked.ts';
import { checkNotary } from '../../src/signatures/notary/check.ts';
import type { Envelope } from '../../src/signatures/notary/envelope.ts';
import { readCose } from '../../src/signatures/notary/read-cose.ts';
import { readJws } from '../../src/signatures/notary/read-jws.ts';
import { type CheckActions, type NotaryRules, usualRules } from '../../src/signatures/notary/rules.ts';
import { verifyTimestamp } from '../../src/signatures/notary/timestamp.ts';
import { Refused } from '../../src/signatures/refused.ts';
import type { SignableSubject } from '../../src/signatures/subject.ts';
import { readTrustedCertificates } from '../../src/signatures/trusted-certificates.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { envelopeTypes, type NotarySigning, newSigner } from './support/notary-signer.ts';
import { SignedImage } from './support/signed-image.ts';
import { ecKeys } from './support/sigstore-instance.ts';
import { newTimestampAuthority, type TimestampAuthority } from './support/timestamp-authority.ts';

const run = promisify(execFile);

function outcomeOf(check: () => unknown): string {
  try {
    check();
    return 'verified';
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code;
    throw error;
  }
}

function rootsOf(root: Buffer) {
  return readTrustedCertificates(root, 'root.crt', 'timestamp-authority');
}

describe.skipIf(!hasOracle('openssl'))('timestamps by OpenSSL', () => {
  let authority: TimestampAuthority;
  const bytes = Buffer.from('a signature');

  beforeAll(async () => {
    authority = await newTimestampAuthority();
  });

  it('are verified by OpenSSL and by us', async () => {
    const token = await authority.stamp(bytes);

    expect(await authority.accepts(token, bytes)).toBe(true);
    const { at, earliest, latest } = verifyTimestamp(token, bytes, rootsOf(authority.root));
    expect(Math.abs(Date.now() - at.getTime())).toBeLessThan(60_000);
    expect(latest.getTime() - earliest.getTime()).toBe(2000);
  });

  it('of other bytes, or of another authority, are refused by both', async () => {
    const token = await authority.stamp(bytes);
    const other = await newTimestampAuthority();

    expect(await authority.accepts(token, Buffer.from('another'))).toBe(false);
    expect(outcomeOf(() => verifyTimestamp(token, Buffer.from('another'), rootsOf(authority.root)))).toBe(
      'TIME_WRONG',
    );
    expect(await authority.accepts(token, bytes, other.root)).toBe(false);
    expect(outcomeOf(() => verifyTimestamp(token, bytes, rootsOf(other.root)))).toBe('TIME_WRONG');
  });

  it('of a certificate that is for other things too are refused', async () => {
    for (const purpose of ['critical,timeStamping,codeSigning', 'timeStamping']) {
      const authority = await newTimestampAuthority({ purpose });
      const token = await authority.stamp(bytes).catch(() => undefined);
      // OpenSSL does not even sign with a purpose that is not critical.
      if (!token) continue;
      expect(outcomeOf(() => verifyTimestamp(token, bytes, rootsOf(authority.root)))).toBe('TIME_WRONG');
    }
  });

  it('with any bit changed are refused, or OpenSSL takes them too', async () => {
    const token = await authority.stamp(bytes);
    const roots = rootsOf(authority.root);
    const taken: Buffer[] = [];
    for (let at = 0; at < token.length; at += 1) {
      const changed = Buffer.from(token);
      changed[at]! ^= 1 << (at % 8);
      if (outcomeOf(() => verifyTimestamp(changed, bytes, roots)) === 'verified') taken.push(changed);
    }

    // Bytes that no signature covers may change: the version of the answer, a second copy of the root.
    expect(taken.length).toBeLessThan(token.length / 2);
    for (const changed of taken.slice(0, 40)) {
      const { at } = verifyTimestamp(changed, bytes, roots);
      expect(at).toEqual(verifyTimestamp(token, bytes, roots).at);
    }
  });
});

describe.skipIf(!hasOracle('openssl'))('Notary Project signatures with a timestamp', () => {
  const hour = 3_600_000;

  async function outcome(
    form: 'jws' | 'cose',
    { stamp, later = 0, roots }: { stamp?: NotarySigning['stamp']; later?: number; roots: Buffer[] },
    timestampAfterExpiry = false,
  ): Promise<string> {
    const signer = await newSigner();
    const image = new SignedImage();
    const at: SignableSubject = { kind: 'manifest', ...image.manifest };
    const envelope = await signer.sign(image.manifest, { form, ...(stamp && { stamp }) });
    const asked: RequiredSigners = {
      keys: [],
      identities: [],
      openpgp: [],
      thresholds: {},
      certificates: [...signer.trusted(), ...roots.flatMap(rootsOf)],
      notary: {
        actions: {
          authenticity: 'enforce',
          authenticTimestamp: 'enforce',
          expiry: 'enforce',
          revocation: 'skip',
        },
        timestampAfterExpiry,
      },
    };
    const context = { image: [at], named: undefined, asked, now: new Date(Date.now() + later) };
    return outcomeOf(() => checkNotary({ bytes: envelope, mediaType: envelopeTypes[form] }, at, context));
  }

  it.each(['jws', 'cose'] as const)('%s: stay good when their certificate has expired', async (form) => {
    const authority = await newTimestampAuthority();
    const stamp = async (signature: Buffer) => {
      // A second of doubt about the time must not reach before the certificate.
      await setTimeout(2000);
      return authority.stamp(signature);
    };

    expect(await outcome(form, { stamp, roots: [authority.root], later: 48 * hour })).toBe('verified');
    expect(await outcome(form, { stamp, roots: [], later: 48 * hour })).toBe('CERTIFICATE_EXPIRED');
    expect(await outcome(form, { roots: [authority.root] })).toBe('TIME_MISSING');
    expect(await outcome(form, { roots: [authority.root] }, true)).toBe('verified');
    expect(await outcome(form, { roots: [authority.root], later: 48 * hour }, true)).toBe('TIME_MISSING');
    expect(await outcome(form, { stamp, roots: [authority.root], later: -48 * hour })).toBe('TIME_IN_FUTURE');
    const ofOther = () => authority.stamp(Buffer.from('another'));
    expect(await outcome(form, { stamp: ofOther, roots: [authority.root] })).toBe('TIME_WRONG');
  });
});

/** Certificates that name a list of revoked ones, or who answers for them. */
describe.skipIf(!hasOracle('openssl'))('certificates that can be revoked', () => {
  const crl = 'crlDistributionPoints=URI:http://crl.example/lab.crl';

  it.each<[string, string, CheckActions['revocation'], string]>([
    ['with a list', crl, 'enforce', 'REVOCATION_UNCHECKED'],
    ['with a service', 'authorityInfoAccess=OCSP;URI:http://ocsp.example', 'enforce', 'REVOCATION_UNCHECKED'],
    ['with a list that is only logged', crl, 'log', 'verified, unchecked'],
    ['with a list that is skipped', crl, 'skip', 'verified, unchecked'],
    ['without either', 'subjectKeyIdentifier=hash', 'enforce', 'verified'],
  ])('%s', async (_, extension, revocation, expected) => {
    const keys = ecKeys();
    const own = temporaryFolder('revocable');
    writeFileSync(join(own, 'key.pem'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const usage = ['-addext', 'keyUsage=critical,digitalSignature', '-addext', extension];
    const config = ['-config', '/dev/null', '-subj', '/C=US/ST=WA/O=lab', '-days', '1', ...usage];
    await run('openssl', ['req', '-x509', '-key', 'key.pem', '-out', 'cert.pem', ...config], { cwd: own });
    const certificates = readTrustedCertificates(readFileSync(join(own, 'cert.pem')), 'cert.pem', 'signer');
    const image = new SignedImage();
    const at: SignableSubject = { kind: 'manifest', ...image.manifest };
    const bytes = await (await newSigner()).sign(at, {
      keys,
      chain: () => certificates.map(({ raw }) => raw),
    });
    const notary: NotaryRules = { ...usualRules, actions: { ...usualRules.actions, revocation } };
    const asked: RequiredSigners = {
      keys: [],
      identities: [],
      openpgp: [],
      thresholds: {},
      certificates,
      notary,
    };
    const context = { image: [at], named: undefined, asked, now: new Date() };
    let unchecked = '';

    const outcome = outcomeOf(() => {
      const found = checkNotary({ bytes, mediaType: envelopeTypes.jws }, at, context);
      if (found.state === 'verified' && found.unchecked) unchecked = ', unchecked';
    });

    expect(`${outcome}${unchecked}`).toBe(expected);
  });
});

const folder = ['signatures', 'notaryproject+notation-go', 'verifier', 'testdata'];

/** Envelopes of notation's own tests, with tokens of GlobalSign. */
describe.skipIf(!hasData(...folder))("timestamps in notation's envelopes", () => {
  const stores = {
    globalsign: 'test-timestamp/globalsignRoot.cer',
    other: 'test-mismatch/DigiCertTSARootSHA384.cer',
  };

  it.each<[string, keyof typeof stores, string]>([
    ['jwsWithTimestamp', 'globalsign', 'verified'],
    ['coseWithTimestamp', 'globalsign', 'verified'],
    ['jwsExpiredWithTimestamp', 'globalsign', 'verified'],
    ['coseExpiredWithTimestamp', 'globalsign', 'verified'],
    ['jwsWithTimestamp', 'other', 'TIME_WRONG'],
    ['coseWithTimestamp', 'other', 'TIME_WRONG'],
    ['timestampAfterNotAfter', 'globalsign', 'CERTIFICATE_EXPIRED'],
    ['withoutTimestamp', 'globalsign', 'TIME_MISSING'],
  ])('%s with %s: %s', (name, store, expected) => {
    const bytes = readFileSync(dataPath(...folder, 'timestamp', 'sigEnv', `${name}.sig`));
    const mediaType = bytes[0] === 0x7b ? envelopeTypes.jws : envelopeTypes.cose;
    const envelope: Envelope = bytes[0] === 0x7b ? readJws(bytes) : readCose(bytes);
    const { targetArtifact } = JSON.parse(envelope.payload.toString('utf8')) as {
      targetArtifact: { digest: string; size: number };
    };
    const at: SignableSubject = {
      kind: 'manifest',
      digest: targetArtifact.digest,
      bytes: Buffer.from('{}'.padEnd(targetArtifact.size)),
    };
    const asked: RequiredSigners = {
      keys: [],
      identities: [],
      openpgp: [],
      thresholds: {},
      certificates: [
        ...readTrustedCertificates(envelope.certificates.at(-1)!, 'own', 'signer'),
        ...rootsOf(readFileSync(dataPath(...folder, 'truststore', 'x509', 'tsa', stores[store]))),
      ],
    };
    const context = { image: [at], named: undefined, asked, now: new Date() };

    expect(outcomeOf(() => checkNotary({ bytes, mediaType }, at, context))).toBe(expected);
  });
});
