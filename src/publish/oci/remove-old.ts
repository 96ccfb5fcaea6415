import { ScapfeedError } from '../../model/index.ts';
import { deleteManifest } from '../../registry/push.ts';
import type { RegistryClient } from '../../registry/registry-client.ts';
import type { Publication } from './history.ts';

/** Publications that are remembered: of a registry that lets nobody delete, the list would grow for ever. */
const maxHistory = 64;

export interface Removal {
  /** What is still there, newest first. */
  history: Publication[];
  /** Publications that went, and old ones that the registry did not let go. */
  removed: number;
  left: number;
}

/**
 * Deletes the manifests of publications beyond the last `keep`; the registry's own sweep then frees their blobs.
 */
export async function removeOld(
  client: RegistryClient,
  publications: readonly Publication[],
  keep: number,
): Promise<Removal> {
  const kept = publications.slice(0, keep);
  const old = publications.slice(kept.length);
  const used = new Set(kept.flatMap(digestsOf));
  let removed = 0;
  for (const publication of old.toReversed()) {
    const unused = digestsOf(publication).filter((digest) => !used.has(digest));
    if (!(await deleteAll(client, unused))) break;
    removed += 1;
  }
  const left = old.length - removed;
  return { history: [...kept, ...old.slice(0, left)].slice(0, maxHistory), removed, left };
}

function digestsOf({ index, manifests }: Publication): string[] {
  return [index, ...manifests];
}

/** What cannot be deleted is no reason not to publish. */
async function deleteAll(client: RegistryClient, digests: readonly string[]): Promise<boolean> {
  try {
    for (const digest of digests) if (!(await deleteManifest(client, digest))) return false;
    return true;
  } catch (error) {
    if (error instanceof ScapfeedError) return false;
    throw error;
  }
}
