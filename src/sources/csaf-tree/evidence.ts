import type { EvidenceDocument, SourceInput } from '../contract.ts';
import { documentByteLimit } from '../csaf/document.ts';
import type { SnapshotStore } from '../snapshots.ts';
import { archiveEntries } from './archive-entries.ts';
import { type CsafTree, pathInTree } from './tree.ts';
import { archiveId, isGone, loadOverlay } from './tree-set.ts';

/**
 * The document that evidence names, as the build read it: changed documents are in the set, the others in the archive, which
 * is searched from its start. Undefined: the input is not one of the trees, or has no such document.
 */
export async function treeEvidence(
  trees: readonly CsafTree[],
  { id, url }: SourceInput,
  evidence: string,
  inputs: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const tree = trees.find((known) => known.id === id);
  const { path = '', pointer } = /^(?<path>[^#]*?\.json)(?<pointer>\/.*)?$/.exec(evidence)?.groups ?? {};
  if (!tree?.isPath(path)) return undefined;
  const bytes = await documentBytes(tree, path, inputs, store);
  return bytes && { place: url + path, bytes, pointer: pointer ?? '' };
}

async function documentBytes(
  tree: CsafTree,
  path: string,
  inputs: readonly SourceInput[],
  store: SnapshotStore,
): Promise<Buffer | undefined> {
  const overlay = await loadOverlay(inputs, tree, store);
  const changed = overlay.get(path);
  if (changed) return isGone(changed) ? undefined : store.read(changed, documentByteLimit);
  const archive = inputs.find((input) => input.id === archiveId(tree));
  if (!archive) return undefined;
  const isWanted = (name: string) => pathInTree(name, tree) === path;
  for await (const { content } of archiveEntries(archive, store, isWanted)) return content;
  return undefined;
}
