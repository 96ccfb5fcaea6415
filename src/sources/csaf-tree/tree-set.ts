import type { Blob, SetDocument, Snapshot, SnapshotStore } from '../snapshots.ts';
import type { CsafTree, TreeFetch } from './tree.ts';

/**
 * A tree is stored as an archive (`redhat-vex-archive`) and a set of the documents that changed since (`redhat-vex`), which take
 * precedence. In the set an empty document means that the vendor deleted the path. A newer version that was refused is kept
 * beside the last good one as `PATH~CAUSE`, as evidence; it is requested again by every fetch.
 */
export type Overlay = Map<string, SetDocument>;

export function archiveId({ id }: Pick<CsafTree, 'id'>): string {
  return `${id}-archive`;
}

/**
 * Why a newer version was refused: `unreadable` is not a valid document, `rejected` lacks a good signature, `absent` is
 * listed as changed but does not exist.
 */
export const refusals = ['unreadable', 'rejected', 'absent'] as const;
export type DocumentRefusal = (typeof refusals)[number];

function refusedName(path: string, refusal: DocumentRefusal): string {
  return `${path}~${refusal}`;
}

/** The path and the cause of a `PATH~CAUSE` entry; undefined for a document in use. */
export function refusalOf(name: string): { path: string; refusal: DocumentRefusal } | undefined {
  const [path = '', cause] = name.split('~');
  const refusal = refusals.find((known) => known === cause);
  return refusal && { path, refusal };
}

export function isGone({ size }: SetDocument): boolean {
  return size === 0;
}

/** The set of a tree by name; empty before the first change. */
export async function loadOverlay(
  snapshots: readonly Pick<Snapshot, 'id' | 'sha256' | 'size'>[],
  tree: Pick<CsafTree, 'id'>,
  store: SnapshotStore,
): Promise<Overlay> {
  const set = snapshots.find(({ id }) => id === tree.id);
  const documents = set ? await store.documents(set) : [];
  return new Map(documents.map((document) => [document.name, document]));
}

/** The proof of fetched bytes; `unsigned`: a signature is missing, and the user accepts that; `nothing`: there is no key. */
export type Checked = 'signature' | 'digest' | 'unsigned' | 'nothing';

/** The result of fetching one changed document. */
export type FetchedDocument =
  | { kind: 'readable'; blob: Blob; checked: Checked }
  | { kind: 'unreadable'; blob: Blob }
  /** No good signature: the bytes are kept as evidence and not read. */
  | { kind: 'rejected'; blob: Blob }
  | { kind: 'absent' };

/** Puts a fetched document into the set. One that was refused leaves the last good version, and its time, in place. */
export function keep(
  overlay: Overlay,
  path: string,
  time: string | undefined,
  fetched: FetchedDocument,
): void {
  clearRefusals(overlay, path);
  const name = fetched.kind === 'readable' ? path : refusedName(path, fetched.kind);
  const blob = fetched.kind === 'absent' ? noBytes : fetched.blob;
  const checked = fetched.kind === 'readable' ? fetched.checked : undefined;
  overlay.set(name, {
    name,
    ...blob,
    ...(time !== undefined && { lastModified: time }),
    ...(checked === 'unsigned' && { unsigned: true }),
    ...(checked === 'nothing' && { unchecked: true }),
  });
}

/** The server has the version that is in use: what it had besides was refused, and is gone. */
export function unchanged(overlay: Overlay, path: string): void {
  clearRefusals(overlay, path);
}

const noBytes = { sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', size: 0 };

/** A path that the vendor lists as deleted. */
export function forget(overlay: Overlay, path: string, time: string): void {
  clearRefusals(overlay, path);
  overlay.set(path, { name: path, ...noBytes, lastModified: time });
}

function clearRefusals(overlay: Overlay, path: string): void {
  for (const refusal of refusals) overlay.delete(refusedName(path, refusal));
}

/** Makes a set the current snapshot of its tree. `unsigned`: so is the archive beside it. */
export async function saveTreeSet(
  { tree: { id, source, url }, context }: TreeFetch,
  overlay: Overlay,
  unsigned = false,
): Promise<Snapshot> {
  if ([...overlay.values()].some(isGone)) await context.store.put(nothing());
  const newest = [...overlay.values()]
    .map(({ lastModified = '' }) => lastModified)
    .sort()
    .at(-1);
  const origin = {
    ...{ id, source, url, lastModified: newest },
    unsigned: unsigned || [...overlay.values()].some((document) => document.unsigned),
  };
  return context.store.saveSet(origin, overlay.values());
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
