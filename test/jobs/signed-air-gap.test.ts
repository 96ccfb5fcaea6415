import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SignedImage } from '../signatures/support/signed-image.ts';
import {
  ecKeys,
  newInstance,
  publicPem,
  signByKey,
  statementOf,
  usualIdentity,
  usualIssuer,
} from '../signatures/support/sigstore-instance.ts';
import { debianRelease, stanza } from '../support/cli.ts';
import { isRoot } from '../support/oracles.ts';
import { bookworm, writeSmallFeed } from '../support/small-feed.ts';
import { type Machine, newMachine } from './support/machine.ts';

const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };

/** Signatures are checked where there is no network, by another user, with what one bundle brought. */
describe.skipIf(!isRoot())('signatures over an air gap', () => {
  const { publicKey, privateKey } = ecKeys();
  let inside: Machine;

  beforeAll(async () => {
    const publisher = newMachine();
    inside = newMachine({ user: 4711, network: false });
    const roster = new Map([['bash', { version: '1', binaries: [] }]]);
    writeSmallFeed([{ platform: bookworm, data: { roster }, statements: [] }], join(publisher.home));
    const instance = await newInstance();
    const put = (name: string, text: string) =>
      publisher.does(`mkdir -p trust && cat > trust/${name} <<'END'\n${text}\nEND`);
    put('trusted_root.json', instance.trustedRoot);
    put('acme.pub', publicPem(publicKey).trimEnd());
    const keyData = Buffer.from(publicPem(publicKey)).toString('base64');
    const own = { signedIdentity: { type: 'exactRepository', dockerRepository: 'registry.example/lab/app' } };
    const requirement = { type: 'sigstoreSigned', keyData, ...own };
    put('policy.json', JSON.stringify({ default: [requirement] }));
    const files = {
      'etc/os-release': debianRelease('12', 'bookworm'),
      'var/lib/dpkg/status': stanza('bash', '5.2.15-2+b2', { Source: 'bash (5.2.15-2)' }),
      'var/lib/dpkg/info/bash.list': '/.\n',
    };
    const image = new SignedImage('image', files);
    image.attachBundle(image.manifest.digest, signByKey(statementOf(image.manifest.digest), privateKey));
    image.attachBundle(
      image.manifest.digest,
      await instance.signStatement(statementOf(image.manifest.digest)),
    );
    cpSync(image.layout(), join(inside.home, 'image'), { recursive: true });
    publisher.does('chmod 755 . && scapfeed keys make', passphrase);
    publisher.does(
      'scapfeed publish --feed . --to public --trust trust/acme.pub --trust trust/policy.json --trust trust/trusted_root.json',
      passphrase,
    );
    publisher.does('scapfeed bundle --from public --out feed.bundle');
    for (const file of ['feed.bundle', 'public/metadata/1.root.json'])
      publisher.does(`install -o 4711 -g 4711 ${file} ${inside.home}/`);
    publisher.does(`chmod -R a+rX ${inside.home}/image`);
    inside.does('scapfeed pull --from feed.bundle --trust-root 1.root.json --trust');
  });

  it.each([
    ['by a key', 'signed oci:image:1 --key feed:acme.pub', 0],
    ['by a name', `signed oci:image:1 --identity ${usualIdentity} --issuer ${usualIssuer}`, 0],
    ['by another name', `signed oci:image:1 --identity me --issuer ${usualIssuer}`, 1],
    // A bundle names no image, so that no policy of this kind can be content with it.
    ['by a policy', 'signed oci:image:1 --policy feed:policy.json', 1],
    ['in a scan', 'scan oci:image:1 --max-age 0 --signed-by feed:acme.pub', 0],
    [
      'by a name in a scan',
      `scan oci:image:1 --max-age 0 --identity ${usualIdentity} --issuer ${usualIssuer}`,
      0,
    ],
  ])('%s', (_, command, code) => {
    const ran = inside.run(`scapfeed ${command}`);

    expect(`${ran.code} ${ran.code === code ? '' : ran.err}`).toBe(`${code} `);
  });
});
