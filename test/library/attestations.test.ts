import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  checkSignatures,
  judge,
  openFeed,
  openImage,
  readAttachedVex,
  readAttestedSbom,
  readInventory,
  writeReport,
} from '../../src/library/index.ts';
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
import { vexOf } from '../support/attached-vex.ts';
import { scapfeed } from '../support/cli.ts';

const { publicKey, privateKey } = ecKeys();
let folder: string;
let feed: string;
/** Signed by the key and by a name; with an attested SBOM, and VEX by the key and by a stranger. */
let image: string;

beforeAll(async () => {
  feed = feedWithFlaw();
  const instance = await newInstance();
  folder = trustFolder('library-attestations', publicKey, instance);
  const plain = new SignedImage('library', bashFiles);
  const { digest } = plain.manifest;
  const bom = JSON.parse(scapfeed(['inventory', `oci:${plain.layout()}:1`, '-o', 'cyclonedx']).out) as Json;
  const signed = new SignedImage('library', bashFiles);
  const attest = (type: string, predicate: unknown, key = privateKey) =>
    signed.attachBundle(digest, signByKey({ ...statementOf(digest, type), predicate }, key));
  signed.attachBundle(digest, signByKey(statementOf(digest), privateKey));
  signed.attachBundle(digest, await instance.signStatement(statementOf(digest)));
  attest('https://cyclonedx.org/bom', bom);
  attest('https://openvex.dev/ns/v0.2.0', vexOf(digest, 'the builder'));
  attest('https://openvex.dev/ns/v0.2.0', vexOf(digest, 'a stranger'), ecKeys().privateKey);
  image = `oci:${signed.layout()}:1`;
});

const at = (path: string) => join(folder, path);
const signers = () => ({ keys: [at('key.pub')] });

/** `scapfeed scan`, as JSON, with what it ended with. */
function scanned(...args: string[]): { json: string; code: number | null } {
  const asked = ['--feed', feed, '--max-age', '0', '--fail-on', 'any', '-o', 'json'];
  const { code, out, err } = scapfeed(['scan', image, ...asked, ...args], {}, folder);
  if (out === '') throw new Error(err);
  return { json: out, code };
}

async function judgedBy(subject: Pick<Parameters<typeof judge>[2] & object, 'vex' | 'signed'>, by = image) {
  const [opened, open] = [openFeed(feed), await openImage(by)];
  try {
    const scan = await judge(readInventory(open), opened, { image: open, failOn: ['any'], ...subject });
    return { json: await writeReport(scan, 'json'), code: scan.policy.exitCode };
  } finally {
    open.close();
    opened.close();
  }
}

describe('judge is scan', () => {
  it('by the SBOM of an attestation', async () => {
    const { signed, ...subject } = await readAttestedSbom(image, 'cyclonedx', { signers: signers() });
    const opened = openFeed(feed);
    const scan = await judge(subject.inventory, opened, { image: subject.image, signed, failOn: ['any'] });
    const ours = { json: await writeReport(scan, 'json'), code: scan.policy.exitCode };
    opened.close();
    expect(ours).toEqual(scanned('--from-attestation', 'cyclonedx', '--signed-by', at('key.pub')));
  });

  it('with VEX that is attached, whoever attached it', async () => {
    const attached = await readAttachedVex(image);
    expect(attached.documents.map(({ author }) => author).sort()).toEqual(['a stranger', 'the builder']);
    expect(await judgedBy({ vex: [attached] })).toEqual(scanned('--vex', 'oci'));
  });

  it('with VEX that somebody attested who was asked for', async () => {
    const { gate } = await checkSignatures(image, signers());
    const attested = await readAttachedVex(image, { signers: signers() });
    expect(attested.documents.map(({ author }) => author)).toEqual(['the builder']);
    const ours = await judgedBy({ vex: [attested], signed: gate });
    expect(ours).toEqual(scanned('--vex', 'attested', '--signed-by', at('key.pub')));
    expect(ours.code).toBe(0);
  });

  it('of an image that is not signed as required', async () => {
    const { gate } = await checkSignatures(image, { keys: [at('other.pub')] });
    const ours = await judgedBy({ signed: gate });
    expect(ours).toEqual(scanned('--signed-by', at('other.pub')));
    expect(gate.verdict).toBe('refused');
  });
});

describe('is refused', () => {
  it('an SBOM that nobody attested who was asked for', async () => {
    const others = { signers: { keys: [at('other.pub')] } };
    await expect(readAttestedSbom(image, 'cyclonedx', others)).rejects.toMatchObject({
      code: 'ATTESTATION_REFUSED',
    });
    await expect(readAttestedSbom(image, 'spdx', { signers: signers() })).rejects.toMatchObject({
      code: 'ATTESTATION_MISSING',
    });
    await expect(readAttestedSbom(image, 'spdx', { signers: {} })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(readAttachedVex('sbom:x')).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('a gate of another image', async () => {
    const { gate } = await checkSignatures(image, signers());
    const other = `oci:${new SignedImage('other', bashFiles).layout()}:1`;
    await expect(judgedBy({ signed: gate }, other)).rejects.toMatchObject({ code: 'IMAGE_DIGEST_MISMATCH' });
  });

  it('work that is cancelled', async () => {
    const signal = AbortSignal.abort();
    for (const work of [
      readAttestedSbom(image, 'cyclonedx', { signers: signers(), signal }),
      readAttachedVex(image, { signal }),
    ])
      await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  });
});

it.each([
  [{}, 'signed', []],
  [{ logEntries: 1, timestamps: 1, certificateLogs: 1 }, 'signed', ['1', '1', '1']],
  [{ logEntries: 9 }, 'refused', ['9']],
  [{ timestamps: 9 }, 'refused', [undefined, '9']],
  [{ certificateLogs: 9 }, 'refused', [undefined, undefined, '9']],
])('thresholds %j: %s', async (thresholds, verdict, [logs, times, authorities]) => {
  const identities = [{ name: usualIdentity, issuer: usualIssuer }];
  const { result } = await checkSignatures(image, { identities, trustedRoot: at('root.json'), thresholds });
  expect(result.verdict).toBe(verdict);
  const named = ['--identity', usualIdentity, '--issuer', usualIssuer, '--trusted-root', at('root.json')];
  const asked = [
    ...(logs ? ['--log-entries', logs] : []),
    ...(times ? ['--timestamps', times] : []),
    ...(authorities ? ['--certificate-logs', authorities] : []),
  ];
  const { out } = scapfeed(['signed', image, ...named, ...asked, '-o', 'json'], {}, folder);
  expect(JSON.parse(out)).toEqual(JSON.parse(JSON.stringify(result)));
});
