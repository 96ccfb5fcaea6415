// `node scripts/push-image.mjs LAYOUT oci://HOST/NAME:TAG`: pushes an OCI layout of one image index and its referrers with our own
// client: blobs, then what names them, then what is attached, and the tag last. Logins are those of podman and docker.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFeedRepository } from '../src/publish/oci/repository.ts';
import { hasBlob, pushBlob, pushManifest } from '../src/registry/push.ts';
import { listReferrer } from '../src/signatures/sign/attach-signature.ts';

const [, , layout, place] = process.argv;
if (!layout || !place) {
  console.error('usage: node scripts/push-image.mjs LAYOUT oci://HOST/NAME:TAG');
  process.exit(2);
}
const { client, reference, name, close } = await openFeedRepository(place, {}, 'push');
const bytesOf = ({ digest }) => readFileSync(join(layout, 'blobs', ...digest.split(':')));
const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
const [index, ...attached] = manifests;

const images = JSON.parse(bytesOf(index)).manifests;
for (const manifest of images) await pushWhole(manifest);
for (const manifest of attached) {
  await pushWhole(manifest);
  const { subject } = JSON.parse(bytesOf(manifest));
  await listReferrer(client, subject.digest, manifest);
}
await put(index, reference);
console.log(`${name}: ${index.digest}`);
await close();

async function pushWhole(manifest) {
  const { config, layers } = JSON.parse(bytesOf(manifest));
  for (const blob of [config, ...layers]) {
    if (!(await hasBlob(client, blob.digest))) await pushBlob(client, blob.digest, bytesOf(blob));
  }
  await put(manifest, manifest.digest);
}

async function put(manifest, as) {
  if (await pushManifest(client, as, manifest.mediaType, bytesOf(manifest))) return;
  throw new Error(`${name}: the registry says that it lacks what ${manifest.digest} names`);
}
