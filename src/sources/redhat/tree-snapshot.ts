import type { SetDocument, Snapshot, SnapshotStore } from '../snapshots.ts';
import type { Fetched } from './fetch-document.ts';
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
  snapshots: readonly Pick<Snapshot, 'id' | 'sha256' | 'size'>[],
  tree: Tree,
  store: SnapshotStore,
): Promise<Overlay> {
  const set = snapshots.find(({ id }) => id === tree);
  const documents = set ? await store.documents(set) : [];
  return new Map(documents.map((document) => [document.name, document]));
}

/** Puts a fetched document into the set; what it replaces stays as last good version if the new one is unreadable. */
export function keep(overlay: Overlay, path: string, time: string, fetched: Fetched): void {
  if (fetched.kind === 'gone') {
    forget(overlay, path, time);
    return;
  }
  const entry = (name: string): SetDocument => ({ name, ...fetched.blob, lastModified: time });
  if (fetched.kind === 'rejected') {
    overlay.set(rejectedName(path), entry(rejectedName(path)));
    return;
  }
  overlay.delete(rejectedName(path));
  const last = overlay.get(path);
  if (fetched.kind === 'readable') overlay.delete(lastGoodName(path));
  else if (last && last.size > 0 && !overlay.has(lastGoodName(path))) {
    overlay.set(lastGoodName(path), { ...last, name: lastGoodName(path) });
  }
  overlay.set(path, entry(path));
}

const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** A document that is listed as changed and not there any more is gone, as one that is listed as deleted. */
export function forget(overlay: Overlay, path: string, time: string): void {
  for (const name of [lastGoodName(path), rejectedName(path)]) overlay.delete(name);
  overlay.set(path, { name: path, sha256: emptySha256, size: 0, lastModified: time });
}
