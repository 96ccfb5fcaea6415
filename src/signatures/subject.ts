import { Budget } from '../image/limits.ts';
import { chooseManifest, parseManifest } from '../image/manifest/manifest.ts';
import type { ImagePlatform } from '../image/manifest/platform.ts';
import type { SignedSubject } from '../model/verdict/index.ts';
import type { SignatureStore } from './find/store.ts';

/** A thing of the image that can be signed, with the bytes that a signature is over. */
export interface SignableSubject extends SignedSubject {
  bytes: Buffer;
}

/**
 * The things that a signature of the image may sign: the manifest for the platform, and each index on the way to it. Every digest
 * was compared with its bytes, and each names the next, so a signature of any of them covers the image.
 */
export async function subjectsOf(
  store: SignatureStore,
  platform: ImagePlatform | undefined,
): Promise<SignableSubject[]> {
  const budget = new Budget();
  const subjects: SignableSubject[] = [];
  let descriptor = await store.top();
  for (let depth = 0; ; depth++) {
    const { digest } = descriptor;
    const where = `${store.where}, manifest ${digest}`;
    budget.check('indexDepth', depth, where);
    const bytes = await store.manifest(digest);
    const manifest = parseManifest(bytes, budget, where);
    if (manifest.kind === 'image') return [...subjects, { kind: 'manifest', digest, bytes }];
    subjects.push({ kind: 'index', digest, bytes });
    descriptor = chooseManifest(manifest.manifests, platform, where);
  }
}
