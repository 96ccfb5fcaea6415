import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { newSigner } from './support/notary-signer.ts';
import { SignedImage } from './support/signed-image.ts';
import {
  ecKeys,
  newInstance,
  publicPem,
  signByKey,
  statementOf,
  usualIdentity,
  usualIssuer,
} from './support/sigstore-instance.ts';

const { publicKey, privateKey } = ecKeys();
let folder: string;
const images: Record<string, string> = {};

beforeAll(async () => {
  folder = temporaryFolder('own-policy');
  mkdirSync(join(folder, 'policy'));
  const instance = await newInstance();
  const signer = await newSigner();
  const put = (name: string, content: string | Buffer) =>
    writeFileSync(join(folder, 'policy', name), content);
  put('key.pub', publicPem(publicKey));
  put('other.pub', publicPem(ecKeys().publicKey));
  put('root.crt', signer.trusted()[0]!.raw);
  put('trusted_root.json', instance.trustedRoot);
  const made = (name: string) => new SignedImage(name);
  const layout = (name: string, image: SignedImage) => {
    images[name] = image.layout();
  };
  const byKey = made('key');
  byKey.attachBundle(byKey.manifest.digest, signByKey(statementOf(byKey.manifest.digest), privateKey));
  layout('key', byKey);
  const byName = made('name');
  byName.attachBundle(
    byName.manifest.digest,
    await instance.signStatement(statementOf(byName.manifest.digest)),
  );
  layout('name', byName);
  const notary = made('notary');
  notary.attach({
    to: notary.manifest.digest,
    artifactType: 'application/vnd.cncf.notary.signature',
    layers: [{ bytes: await signer.sign(notary.manifest), mediaType: 'application/jose+json' }],
  });
  layout('notary', notary);
  layout('unsigned', made('unsigned'));
});

const identity = `{identity: ${usualIdentity}, issuer: ${usualIssuer}}`;

function signed(image: string, yaml: string) {
  const text = yaml.replaceAll('LAYOUT', images[image]!);
  writeFileSync(join(folder, 'policy/scapfeed.yaml'), text);
  return scapfeed(['signed', `oci:${images[image]}:1`, '--policy', 'policy/scapfeed.yaml'], {}, folder);
}

const all = (by: string, more = '') => `signed:\n  - images: "*"\n    by:\n      - ${by}\n${more}`;

describe('the section signed of a scapfeed.yaml', () => {
  it.each<[string, string, number, string]>([
    ['a key', 'key', 0, all('key: key.pub')],
    ['another key', 'key', 1, all('key: other.pub')],
    ['any of two', 'key', 0, all('key: other.pub\n      - key: key.pub')],
    ['a name', 'name', 0, all(identity, '    trusted-root: trusted_root.json\n')],
    ['another name', 'name', 1, all('{identity: me, issuer: you}', '    trusted-root: trusted_root.json\n')],
    ['a key and a log that it is in', 'key', 1, all('key: key.pub', '    trusted-root: trusted_root.json\n')],
    [
      'a key and a log that is not looked at',
      'key',
      0,
      all('key: key.pub', '    trusted-root: trusted_root.json\n    log-entries: 0\n'),
    ],
    ['a certificate', 'notary', 0, all('certificate: root.crt')],
    ['a key, where nobody signed', 'unsigned', 4, all('key: key.pub')],
    ['nothing', 'unsigned', 4, 'signed: [{images: "*", admit: any}]\n'],
    ['what is not admitted', 'key', 1, 'signed: [{images: "*", admit: none}]\n'],
    [
      'the narrowest',
      'key',
      0,
      'signed: [{images: "*", admit: none}, {images: [LAYOUT], by: [{key: key.pub}]}]\n',
    ],
    ['another image alone', 'key', 1, 'signed: [{images: registry.example/lab, by: [{key: key.pub}]}]\n'],
    ['nobody at all', 'key', 1, 'ignore: []\n'],
    ['a name without a root', 'name', 3, all(identity)],
    ['a key that is not there', 'key', 3, all('key: none.pub')],
    ['a scope twice', 'key', 3, 'signed: [{images: "*", admit: none}, {images: "*", admit: any}]\n'],
    ['neither signers nor admission', 'key', 2, 'signed: [{images: "*"}]\n'],
    ['a member too much', 'key', 2, 'signed: [{images: "*", admit: any, more: 1}]\n'],
  ])('%s: image by %s, exit code %d', (_, image, code, yaml) => {
    const result = signed(image, yaml);

    expect(`${result.code} ${result.code === code ? '' : result.err + result.out}`).toBe(`${code} `);
  });
});
