import { ScapfeedError } from '../../model/error.ts';
import { deleteManifest } from '../../registry/push.ts';
import type { RegistryClient } from '../../registry/registry-client.ts';
import type { Publication } from './history.ts';

/** Limit on remembered publications: the list would grow forever with a registry that does not allow deletion. */
const maxHistory = 64;

/** Old publications that were removed from a registry. */
export interface Removal {
  /** Publications that remain, newest first. */
  history: Publication[];
  /** Number of deleted publications, and of old ones that the registry did not delete. */
  removed: number;
  left: number;
}

/**
 * Deletes the manifests of publications older than the last `keep`; the registry's garbage collection then frees their blobs.
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

/** A failed deletion does not fail the publish. */
async function deleteAll(client: RegistryClient, digests: readonly string[]): Promise<boolean> {
  try {
    for (const digest of digests) if (!(await deleteManifest(client, digest))) return false;
    return true;
  } catch (error) {
    if (error instanceof ScapfeedError) return false;
    throw error;
  }
}
