import { isObject } from '../../image/manifest/bounded-json.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { isScapfeedError, ScapfeedError } from '../../model/error.ts';
import { digestOf } from '../../registry/digest.ts';
import { hasBlob, pushBlob, pushManifest } from '../../registry/push.ts';
import type { RegistryClient } from '../../registry/registry-client.ts';
import { signatureLimits } from '../limits.ts';
import { bundleMediaType, signaturePredicate, statementType } from '../sigstore/names.ts';
import type { CosignSigner } from './cosign-key.ts';

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  simpleSigning: 'application/vnd.dev.cosign.simplesigning.v1+json',
} as const;

const signatureAnnotation = 'dev.cosignproject.cosign/signature';

/** An index or manifest that exists, or will before its descriptor is passed on. */
export interface SignedDescriptor {
  mediaType: string;
  digest: string;
  size: number;
}

/**
 * Signs a manifest in a registry in both forms: a Sigstore bundle as a referrer (cosign 3), and a signature under the tag `.sig`
 * (cosign 1 and 2). Signatures of others stay. Errors: PUSH_FAILED, FETCH_*.
 */
export async function attachSignature(
  client: RegistryClient,
  repository: string,
  subject: SignedDescriptor,
  signer: CosignSigner,
): Promise<void> {
  await attachBundle(client, subject, signatureBundle(subject.digest, signer));
  await tagSignature(client, repository, subject.digest, signer);
}

async function attachBundle(
  client: RegistryClient,
  subject: SignedDescriptor,
  bundle: Buffer,
): Promise<void> {
  const config = Buffer.from('{}');
  const manifest = jsonBytes({
    schemaVersion: 2,
    mediaType: types.manifest,
    artifactType: bundleMediaType,
    config: { mediaType: types.empty, ...rowOf(config) },
    layers: [{ mediaType: bundleMediaType, ...rowOf(bundle) }],
    subject,
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': 'https://sigstore.dev/cosign/sign/v1',
    },
  });
  await pushMissing(client, config);
  await pushMissing(client, bundle);
  const row = { mediaType: types.manifest, ...rowOf(manifest), artifactType: bundleMediaType };
  await requirePushed(client, row.digest, types.manifest, manifest);
  await listReferrer(client, subject.digest, row);
}

/** A registry without the referrers API: clients keep the list under a tag ("Pushing Manifests with Subject"). */
export async function listReferrer(
  client: RegistryClient,
  subject: string,
  row: SignedDescriptor & { artifactType: string },
): Promise<void> {
  if (await listsReferrers(client, subject)) return;
  const tag = subject.replace(':', '-');
  const known = (await taggedRows(client, tag, 'manifests')).filter(({ digest }) => digest !== row.digest);
  const index = jsonBytes({ schemaVersion: 2, mediaType: types.index, manifests: [...known, row] });
  await requirePushed(client, tag, types.index, index);
}

/** A signature is a layer beside those that others put there. */
async function tagSignature(
  client: RegistryClient,
  repository: string,
  digest: string,
  signer: CosignSigner,
): Promise<void> {
  const { payload, signature } = legacySignature(repository, digest, signer);
  const tag = `${digest.replace(':', '-')}.sig`;
  const known = await taggedRows(client, tag, 'layers');
  const layer = {
    mediaType: types.simpleSigning,
    ...rowOf(payload),
    annotations: { [signatureAnnotation]: signature },
  };
  const layers = [...known, layer];
  const config = jsonBytes({
    architecture: '',
    os: '',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map((one) => one.digest) },
  });
  await pushMissing(client, config);
  await pushMissing(client, payload);
  const manifest = jsonBytes({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, ...rowOf(config) },
    layers,
  });
  await requirePushed(client, tag, types.manifest, manifest);
}

async function listsReferrers(client: RegistryClient, digest: string): Promise<boolean> {
  const url = `${client.base}/referrers/${digest}`;
  const answer = await client.request(url, { headers: { accept: types.index } });
  await answer.discard();
  if (answer.status === 200) return (answer.headers['content-type'] ?? '').startsWith(types.index);
  if (answer.status === 404) return false;
  throw client.unexpected(answer, url);
}

/** Rows of a list under a tag; none if there is no such tag. What cannot be read is not overwritten. */
async function taggedRows(
  client: RegistryClient,
  tag: string,
  member: 'manifests' | 'layers',
): Promise<{ digest: string }[]> {
  const bytes = await optional(client, tag);
  if (!bytes) return [];
  try {
    const document: unknown = parseForeignJson(bytes);
    const rows = isObject(document) ? document[member] : undefined;
    if (Array.isArray(rows) && rows.length < signatureLimits.referrers && rows.every(isRow)) return rows;
  } catch {
    // Reported below.
  }
  throw new ScapfeedError({
    code: 'PUSH_FAILED',
    message: `expected ${member} under the tag ${tag}, found something else or too many`,
    where: client.manifestUrl(tag),
    remedy: 'see who put it there; nothing was overwritten',
  });
}

function isRow(row: unknown): row is { digest: string } {
  return isObject(row) && typeof row['digest'] === 'string';
}

async function optional(client: RegistryClient, tag: string): Promise<Buffer | undefined> {
  try {
    return (await client.manifest(tag, signatureLimits.signatureBytes)).bytes;
  } catch (error) {
    if (isScapfeedError(error) && error.code === client.subject.notFound) return undefined;
    throw error;
  }
}

async function pushMissing(client: RegistryClient, bytes: Buffer): Promise<void> {
  const digest = digestOf(bytes);
  if (!(await hasBlob(client, digest))) await pushBlob(client, digest, bytes);
}

async function requirePushed(
  client: RegistryClient,
  reference: string,
  mediaType: string,
  bytes: Buffer,
): Promise<void> {
  if (await pushManifest(client, reference, mediaType, bytes)) return;
  throw new ScapfeedError({
    code: 'PUSH_FAILED',
    message: 'the registry does not have the content that was just pushed',
    where: client.manifestUrl(reference),
  });
}

function rowOf(bytes: Buffer): { digest: string; size: number } {
  return { digest: digestOf(bytes), size: bytes.length };
}

function jsonBytes(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

const payloadType = 'application/vnd.in-toto+json';

/** The bundle that cosign 3 attaches to an image that it signs: a statement about its digest, without a log. */
function signatureBundle(digest: string, signer: CosignSigner): Buffer {
  const [algorithm = '', hex = ''] = digest.split(':');
  const payload = Buffer.from(
    JSON.stringify({
      _type: statementType,
      subject: [{ digest: { [algorithm]: hex } }],
      predicateType: signaturePredicate,
      predicate: {},
    }),
  );
  // https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
    payload,
  ]);
  return Buffer.from(
    JSON.stringify({
      mediaType: bundleMediaType,
      verificationMaterial: { publicKey: { hint: signer.hint } },
      dsseEnvelope: {
        payload: payload.toString('base64'),
        payloadType,
        signatures: [{ sig: signer.sign(signed).toString('base64') }],
      },
    }),
  );
}

/** The content of cosign 1's and 2's tag `.sig`: a payload that names the repository and the digest, and its signature. */
interface LegacySignature {
  payload: Buffer;
  digest: string;
  signature: string;
}

function legacySignature(repository: string, digest: string, signer: CosignSigner): LegacySignature {
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': repository },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
  return { payload, digest: digestOf(payload), signature: signer.sign(payload).toString('base64') };
}
