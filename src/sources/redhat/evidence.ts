import type { Snapshot, SnapshotStore } from '../snapshots.ts';
import { archiveEntries } from './archive.ts';
import { documentByteLimit } from './csaf.ts';
import { type Tree, trees } from './record.ts';
import { archiveId, isGone, loadOverlay } from './tree-snapshot.ts';

/** What a build's manifest keeps of a snapshot is enough to find it again. */
type Input = Pick<Snapshot, 'id' | 'url' | 'sha256' | 'size'>;

/**
 * The document that evidence of a tree names, as the build read it: one that changed stands in the set, the others in the
 * archive, which is searched from its beginning. Undefined: the input is no tree, or has no such document.
 */
export async function evidenceDocument(
  input: string,
  path: string,
  inputs: readonly Input[],
  store: SnapshotStore,
): Promise<Buffer | undefined> {
  const tree: Tree | undefined = trees.find((id) => id === input);
  if (!tree) return undefined;
  const overlay = await loadOverlay(inputs, tree, store);
  const changed = overlay.get(path);
  if (changed) return isGone(changed) ? undefined : store.read(changed, documentByteLimit);
  const archive = inputs.find(({ id }) => id === archiveId(tree));
  if (!archive) return undefined;
  const isWanted = (name: string) => name.replace(/^\.\//, '') === path;
  for await (const { content } of archiveEntries(archive, store, isWanted)) return content;
  return undefined;
}
