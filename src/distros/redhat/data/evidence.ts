import type { EvidenceDocument, SourceInput } from '../../../sources/contract.ts';
import type { SnapshotStore } from '../../../sources/snapshots.ts';
import { documentByteLimit } from './parse/csaf.ts';
import { type Tree, trees } from './parse/record.ts';
import { archiveEntries } from './stored/archive.ts';
import { archiveId, isGone, loadOverlay } from './stored/tree-set.ts';

/**
 * The document that evidence names, as the build read it: changed documents are in the set, the others in the archive, which
 * is searched from its start. Undefined: the input is not a tree, or has no such document.
 */
export async function redHatEvidence(
  { id, url }: SourceInput,
  evidence: string,
  inputs: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const tree: Tree | undefined = trees.find((known) => known === id);
  const { path, pointer } = /^(?<path>\d{4}\/[^/]+\.json)(?<pointer>\/.*)?$/.exec(evidence)?.groups ?? {};
  if (!tree || path === undefined) return undefined;
  const bytes = await documentBytes(tree, path, inputs, store);
  return bytes && { place: url + path, bytes, pointer: pointer ?? '' };
}

async function documentBytes(
  tree: Tree,
  path: string,
  inputs: readonly SourceInput[],
  store: SnapshotStore,
): Promise<Buffer | undefined> {
  const overlay = await loadOverlay(inputs, tree, store);
  const changed = overlay.get(path);
  if (changed) return isGone(changed) ? undefined : store.read(changed, documentByteLimit);
  const archive = inputs.find((input) => input.id === archiveId(tree));
  if (!archive) return undefined;
  const isWanted = (name: string) => name.replace(/^\.\//, '') === path;
  for await (const { content } of archiveEntries(archive, store, isWanted)) return content;
  return undefined;
}
