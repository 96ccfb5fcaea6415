import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../src/registry/digest.ts';
import { Refused } from '../../src/signatures/refused.ts';
import { checkSimple } from '../../src/signatures/simple/check.ts';
import type { SignableSubject } from '../../src/signatures/subject.ts';
import { scapfeed } from '../support/cli.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { SignedImage } from './support/signed-image.ts';

const run = promisify(execFile);

describe.skipIf(!hasOracle('skopeo', 'gpg'))('what skopeo signs', () => {
  it('is verified by skopeo and by us, and refused by both for another image', async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, 'gpg'), { mode: 0o700 });
    const env = { PATH: process.env['PATH'], HOME: home, GNUPGHOME: join(home, 'gpg') };
    const inHome = async (name: string, ...args: string[]) =>
      (await run(name, args, { env, cwd: home })).stdout;
    const batch = ['--batch', '--quiet', '--passphrase', ''];
    await inHome('gpg', ...batch, '--quick-gen-key', 'lab@example.org', 'rsa2048', 'sign', 'never');
    const listed = await inHome('gpg', '--list-keys', '--with-colons');
    const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(listed)![1]!;
    writeFileSync(join(home, 'key.asc'), await inHome('gpg', '--armor', '--export', fingerprint));
    const image = new SignedImage();
    const other = new SignedImage();
    writeFileSync(join(home, 'index.json'), image.index.bytes);
    const name = 'registry.example/lab/x:1';
    const made = ['-o', 'signature-1'];
    await inHome('skopeo', 'standalone-sign', 'index.json', name, fingerprint, ...made);
    await inHome('skopeo', 'standalone-verify', 'index.json', name, fingerprint, 'signature-1');
    const asked = ['--gpg-key', join(home, 'key.asc'), '--lookaside', home, '-o', 'json'];

    const { code, out } = scapfeed(['signed', `oci:${image.layout()}:1`, ...asked]);

    expect(JSON.parse(out)).toMatchObject({ signatures: [{ outcome: { signer: { fingerprint }, name } }] });
    expect(code).toBe(0);
    writeFileSync(join(home, 'changed.json'), `${other.index.bytes.toString('utf8')}\n`);
    const verified = inHome('skopeo', 'standalone-verify', 'changed.json', name, fingerprint, 'signature-1');
    await expect(verified).rejects.toThrow();
    const changed = new SignedImage('another');
    expect(scapfeed(['signed', `oci:${changed.layout()}:1`, ...asked]).code).toBe(1);
  });
});

const fixtures = ['signatures', 'containers+image', 'signature', 'fixtures'];

/** Signatures of the tests of containers/image, over its image.manifest.json. */
describe.skipIf(!hasData(...fixtures))('signatures of containers/image', () => {
  it.each([
    ['image.signature', 'public-key.gpg', 'verified'],
    ['no-optional-fields.signature', 'public-key.gpg', 'verified'],
    ['dir-img-valid/signature-1', 'public-key.gpg', 'verified'],
    ['subkey.signature', 'public-key-with-subkey.gpg', 'verified'],
    ['subkey-revoked.signature', 'public-key-with-revoked-subkey.gpg', 'refused'],
    ['unknown-key.signature', 'public-key.gpg', 'refused'],
    ['corrupt.signature', 'public-key.gpg', 'refused'],
    ['invalid-blob.signature', 'public-key.gpg', 'refused'],
    ['unsigned-literal.signature', 'public-key.gpg', 'refused'],
    ['unsigned-encrypted.signature', 'public-key.gpg', 'refused'],
  ])('%s by %s: %s', async (name, key, expected) => {
    const bytes = readFileSync(dataPath(...fixtures, 'image.manifest.json'));
    const at: SignableSubject = { kind: 'manifest', digest: digestOf(bytes), bytes };
    const openpgp = [{ file: key, bytes: readFileSync(dataPath(...fixtures, key)) }];
    const asked = { keys: [], identities: [], thresholds: {}, certificates: [], openpgp };
    const context = { image: [at], named: undefined, asked, now: new Date() };

    const outcome = checkSimple({ bytes: readFileSync(dataPath(...fixtures, name)) }, at, context).then(
      ({ state }) => state,
      (error: unknown) => {
        if (error instanceof Refused) return 'refused';
        throw error;
      },
    );

    expect(await outcome).toBe(expected);
  });
});
