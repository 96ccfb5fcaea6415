import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/registry/digest.ts';
import type { RequiredSigners } from '../../src/signatures/asked.ts';
import { Refused } from '../../src/signatures/refused.ts';
import { checkSigstore } from '../../src/signatures/sigstore/check.ts';
import { readTrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts';
import type { SignableSubject } from '../../src/signatures/subject.ts';
import { readTrustedKey } from '../../src/signatures/trusted-key.ts';
import { dataPath, hasData } from '../support/data.ts';

const fixtures = ['signatures', 'containers+image', 'signature', 'fixtures'];
const rootFile = ['signatures', 'sigstore+root-signing', 'targets', 'trusted_root.json'];

/** Signatures that cosign 1 and 2 made, with entries of the public log, in the tests of containers/image. */
describe.skipIf(!hasData(...fixtures) || !hasData(...rootFile))('signatures of cosign 1 and 2', () => {
  const signer = { name: 'mitr@redhat.com', issuer: 'https://github.com/login/oauth' };

  it('without a key: verified by the public root, with signer and time', () => {
    const outcome = outcomeOf('dir-img-cosign-fulcio-rekor-valid', asked({ identities: [signer] }));

    expect(outcome).toMatchObject({
      state: 'verified',
      signer: { kind: 'certificate', identity: signer.name, issuer: signer.issuer },
      times: [{ by: 'log', at: expect.stringMatching(/^202/) }],
      log: [{ index: expect.stringMatching(/^\d+$/) }],
    });
  });

  it('by a key with an entry of the log: verified, the time too', () => {
    expect(outcomeOf('dir-img-cosign-key-rekor-valid', byKey('cosign2.pub'))).toMatchObject({
      state: 'verified',
      times: [{ by: 'log' }],
    });
  });

  it.each<[string, string, RequiredSigners]>([
    [
      'dir-img-cosign-fulcio-rekor-valid',
      'IDENTITY_OTHER',
      asked({ identities: [{ ...signer, name: 'x' }] }),
    ],
    [
      'dir-img-cosign-fulcio-rekor-valid',
      'ISSUER_OTHER',
      asked({ identities: [{ ...signer, issuer: 'x' }] }),
    ],
    ['dir-img-cosign-fulcio-rekor-valid', 'SIGNER_OTHER_KIND', byKey('cosign.pub')],
    ['dir-img-cosign-key-rekor-valid', 'SIGNATURE_WRONG', byKey('cosign.pub')],
    ['dir-img-cosign-valid', 'LOG_ENTRY_MISSING', byKey('cosign.pub')],
    ['dir-img-cosign-pki-valid', 'TIME_MISSING', asked({ identities: [signer] })],
  ])('%s: %s', (folder, code, wanted) => {
    expect(outcomeOf(folder, wanted)).toBe(code);
  });
});

function asked(more: Partial<RequiredSigners>): RequiredSigners {
  const trust = readTrustedRoot(readFileSync(dataPath(...rootFile), 'utf8'), 'root');
  return { keys: [], identities: [], certificates: [], openpgp: [], thresholds: {}, trust, ...more };
}

function byKey(name: string): RequiredSigners {
  return asked({ keys: [readTrustedKey(readFileSync(dataPath(...fixtures, name), 'utf8'), name)] });
}

function outcomeOf(folder: string, wanted: RequiredSigners): unknown {
  const bytes = readFileSync(dataPath(...fixtures, folder, 'manifest.json'));
  const at: SignableSubject = { kind: 'manifest', digest: digestOf(bytes), bytes };
  const file = readFileSync(dataPath(...fixtures, folder, 'signature-1'));
  // Byte 0, the name of the form, a newline, JSON.
  const { payload, annotations } = JSON.parse(file.subarray(file.indexOf(0x0a) + 1).toString('utf8')) as {
    payload: string;
    annotations: Record<string, string>;
  };
  const content = { bytes: Buffer.from(payload, 'base64'), annotations, mediaType: '' };
  const context = { image: [at], named: undefined, asked: wanted, now: new Date() };
  try {
    return checkSigstore('cosign-signature', content, at, context);
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code;
    throw error;
  }
}
