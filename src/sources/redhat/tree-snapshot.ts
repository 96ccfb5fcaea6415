import type { SetDocument, Snapshot, SnapshotStore } from '../snapshots.ts';
import type { Tree } from './record.ts';

/**
 * How a tree stands in the store: an archive (`redhat-vex-archive`) and, in front of it, a set of the documents that
 * changed since (`redhat-vex`). In the set a document of no bytes says that the path is gone; `PATH~good` is the last
 * readable version of a PATH whose newest is not; `PATH~rejected` is a version whose signature is wrong.
 */
export type Overlay = Map<string, SetDocument>;

export function archiveId(tree: Tree): string {
  return `${tree}-archive`;
}

export function lastGoodName(path: string): string {
  return `${path}~good`;
}

export function rejectedName(path: string): string {
  return `${path}~rejected`;
}

export function isGone({ size }: SetDocument): boolean {
  return size === 0;
}

/** The set of a tree by name; empty before the first change. */
export async function loadOverlay(
  snapshots: readonly Snapshot[],
  tree: Tree,
  store: SnapshotStore,
): Promise<Overlay> {
  const set = snapshots.find(({ id }) => id === tree);
  const documents = set ? await store.documents(set) : [];
  return new Map(documents.map((document) => [document.name, document]));
}
