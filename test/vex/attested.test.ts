import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bashFiles, feedWithFlaw } from '../signatures/support/flawed-bash.ts';
import { SignedImage } from '../signatures/support/signed-image.ts';
import {
  ecKeys,
  type Json,
  publicPem,
  signByKey,
  statementOf,
} from '../signatures/support/sigstore-instance.ts';
import { vexOf } from '../support/attached-vex.ts';
import { scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const feed = feedWithFlaw();
const folder = temporaryFolder('attested-vex');
const { publicKey, privateKey } = ecKeys();
writeFileSync(join(folder, 'key.pub'), publicPem(publicKey));

/** An image that the key signed, and a VEX attestation of it by some key. */
function imageWith(
  key: typeof privateKey,
  change: (statement: Json) => Json = (statement) => statement,
): string {
  const image = new SignedImage('vex', bashFiles);
  const { digest } = image.manifest;
  image.attachBundle(digest, signByKey(statementOf(digest), privateKey));
  const statement = { ...statementOf(digest, 'https://openvex.dev/ns/v0.2.0'), predicate: vexOf(digest) };
  image.attachBundle(digest, signByKey(change(statement), key));
  return image.layout();
}

const scan = (layout: string, ...args: string[]) =>
  scapfeed(
    [
      'scan',
      `oci:${layout}:1`,
      '--feed',
      feed,
      '--max-age',
      '0',
      '--fail-on',
      'any',
      '--vex',
      'attested',
      ...args,
    ],
    {},
    folder,
  );

it('an attestation by whom is asked for clears what it says', () => {
  const { code, out } = scan(imageWith(privateKey), '--signed-by', 'key.pub');

  expect(out).toMatch(/^VEX oci:.*, attested sha256:[0-9a-f]{64} .*: 1 statement, 1 used$/m);
  expect(code).toBe(0);
});

it('one by somebody else clears nothing, and is noted', () => {
  const { code, out } = scan(imageWith(ecKeys().privateKey), '--signed-by', 'key.pub');

  expect(out).toContain('CVE-2022-3715');
  expect(out).toMatch(/vex not verified.*attested sha256:.*SIGNATURE_WRONG/);
  expect(code).toBe(1);
});

it('one about another image clears nothing', () => {
  const other = `sha256:${'0'.repeat(64)}`;
  const layout = imageWith(privateKey, (statement) => ({
    ...statement,
    subject: statementOf(other)['subject'],
  }));
  const { code, out } = scan(layout, '--signed-by', 'key.pub');

  expect(out).toMatch(/vex not verified.*SIGNS_OTHER/);
  expect(code).toBe(1);
});

it('without a signer it is wrong use', () => {
  const { code, err } = scan(imageWith(privateKey));

  expect(err).toContain('no required signer is given');
  expect(code).toBe(2);
});
