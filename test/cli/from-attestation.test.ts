import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bashFiles, feedWithFlaw, trustFolder } from '../signatures/support/flawed-bash.ts';
import { SignedImage } from '../signatures/support/signed-image.ts';
import {
  ecKeys,
  type Json,
  newInstance,
  signByKey,
  statementOf,
  usualIdentity,
  usualIssuer,
} from '../signatures/support/sigstore-instance.ts';
import { scapfeed, stanza } from '../support/cli.ts';

const { publicKey, privateKey } = ecKeys();
const files = {
  ...bashFiles,
  'var/lib/dpkg/status': stanza('bash', '5.2.15-2+b2', { Source: 'bash (5.2.15-2)' }),
};
const types = { cyclonedx: 'https://cyclonedx.org/bom', spdx: 'https://spdx.dev/Document' };

let folder: string;
let feed: string;
const images: Record<string, string> = {};

beforeAll(async () => {
  feed = feedWithFlaw();
  const instance = await newInstance();
  folder = trustFolder('from-attestation', publicKey, instance);
  writeFileSync(join(folder, 'reject.json'), '{"default":[{"type":"reject"}]}');
  const image = new SignedImage('attested', files);
  const plain = `oci:${image.layout()}:1`;
  const bom = JSON.parse(scapfeed(['inventory', plain, '-o', 'cyclonedx']).out) as Json;
  const empty = { ...bom, components: [] };
  const spdx = spdxOf(
    'bash',
    'pkg:deb/debian/bash@5.2.15-2%2Bb2?arch=amd64&distro=debian-12&upstream=bash%405.2.15-2',
  );
  const attested = (predicate: unknown, type: string = types.cyclonedx) => {
    const { digest } = image.manifest;
    return { ...statementOf(digest, type), predicate };
  };
  const layoutWith = (...bundles: Json[]) => {
    const own = new SignedImage('attested', files);
    for (const bundle of bundles) own.attachBundle(own.manifest.digest, bundle);
    return `oci:${own.layout()}:1`;
  };
  images['plain'] = plain;
  images['by key'] = layoutWith(signByKey(attested(bom), privateKey));
  images['twice the same'] = layoutWith(
    signByKey(attested(bom), privateKey),
    signByKey(attested(bom), privateKey),
  );
  images['two that differ'] = layoutWith(
    signByKey(attested(bom), privateKey),
    signByKey(attested(empty), privateKey),
  );
  images['one by a stranger'] = layoutWith(
    signByKey(attested(bom), privateKey),
    signByKey(attested(empty), ecKeys().privateKey),
  );
  images['by name'] = layoutWith(await instance.signStatement(attested(bom)));
  images['spdx'] = layoutWith(signByKey(attested(spdx, types.spdx), privateKey));
  images['no sbom'] = layoutWith(signByKey(attested({ some: 'thing' }), privateKey));
});

function spdxOf(name: string, purl: string): Json {
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'lab',
    documentNamespace: 'https://lab.example/1',
    creationInfo: { created: '2026-01-01T00:00:00Z', creators: ['Tool: lab'] },
    packages: [
      {
        SPDXID: 'SPDXRef-1',
        name,
        versionInfo: '5.2.15-2+b2',
        downloadLocation: 'NOASSERTION',
        externalRefs: [
          { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
        ],
      },
    ],
  };
}

function scan(image: string, ...options: string[]) {
  const own = ['scan', images[image]!, '--feed', feed, '--max-age', '0', '-o', 'json'];
  return scapfeed([...own, ...options], {}, folder);
}

const asked = ['--from-attestation', 'cyclonedx'];
const byKey = [...asked, '--signed-by', 'key.pub'];
const byName = [
  ...asked,
  '--identity',
  usualIdentity,
  '--issuer',
  usualIssuer,
  '--trusted-root',
  'root.json',
];

describe('an attested SBOM', () => {
  it.each<[string, string[]]>([
    ['by key', byKey],
    ['twice the same', byKey],
    ['one by a stranger', byKey],
    ['by name', byName],
    ['spdx', ['--from-attestation', 'spdx', '--signed-by', 'key.pub']],
  ])('%s has the flaws of the image', (image, options) => {
    const flaws = ({ out }: { out: string }) =>
      (JSON.parse(out) as { verdicts: Json[] }).verdicts.map(({ vulnerability, status }) => [
        vulnerability,
        status,
      ]);
    const attested = scan(image, ...options);

    expect(flaws(attested)).toEqual(flaws(scan('plain')));
    const { signed, image: told } = JSON.parse(attested.out) as { signed: Json; image: Json };
    expect(signed).toMatchObject({
      verdict: 'signed',
      signatures: expect.arrayContaining([
        expect.objectContaining({ state: 'verified', signer: expect.any(String) }),
      ]),
    });
    const { subjects } = signed as { subjects: { digest: string }[] };
    expect(told).toMatchObject({
      digest: subjects.at(-1)!.digest,
      reference: expect.stringMatching(/attested/),
    });
    expect(attested.code).toBe(0);
  });

  it.each<[string, number, RegExp, string, string[]]>([
    ['that is not there', 4, /ATTESTATION_MISSING/, 'plain', byKey],
    [
      'of another type',
      4,
      /ATTESTATION_MISSING/,
      'by key',
      ['--from-attestation', 'spdx', '--signed-by', 'key.pub'],
    ],
    [
      'by another key',
      1,
      /SIGNATURE_WRONG.*ATTESTATION_REFUSED/s,
      'by key',
      [...asked, '--signed-by', 'other.pub'],
    ],
    ['by nobody who was asked for', 2, /no required signer is given/, 'by key', asked],
    ['of which there are two', 1, /found 2 that differ/, 'two that differ', byKey],
    ['that is none', 2, /SBOM_MALFORMED/, 'no sbom', byKey],
    ['by a policy', 2, /a policy does not say/, 'by key', [...asked, '--require-signed', 'reject.json']],
  ])('%s ends with %d', (_, code, words, image, options) => {
    const result = scan(image, ...options);

    expect(result.err).toMatch(words);
    expect(result).toMatchObject({ code, out: '' });
  });
});
