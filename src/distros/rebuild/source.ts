import type { Source } from '../../sources/contract.ts';
import { treeEvidence } from '../../sources/csaf-tree/evidence.ts';
import { updateEvidence } from '../../sources/updateinfo/update-text.ts';
import type { Rebuild } from '../rebuilds.ts';
import { isOfDocuments, isPaged, isUpdated, type RebuildDefinition } from './definition.ts';
import { fetchRebuild } from './fetch.ts';
import { flawTree } from './flaw-tree.ts';
import { flawEvidence } from './flaws.ts';
import { listEvidence } from './lists-read.ts';
import { pageEvidence } from './pages-read.ts';
import { partEvidence } from './patches.ts';
import { readRebuild } from './read.ts';

/** The errata of a rebuild in any of their forms, its OVAL of the same advisories, and their OSV records for comparison. */
export function rebuildSource(rebuild: Rebuild, definition: RebuildDefinition): Source {
  const { id, errata, licence, terms, publisher, page } = rebuild;
  const data = { rebuild, definition };
  return {
    id,
    name: errata,
    licence,
    ...(terms && { terms }),
    ...(definition.usualDays && { usualDays: definition.usualDays }),
    unsealed: true,
    attribution: `${publisher} (${page})`,
    fetch: (context) => fetchRebuild(context, data),
    read: (snapshots, store, out) => readRebuild(snapshots, store, out, data),
    evidence: evidenceOf(rebuild, definition),
  };
}

function evidenceOf(rebuild: Rebuild, definition: RebuildDefinition): Source['evidence'] {
  if (rebuild.oval?.flaws) return (input, pointer, _, store) => flawEvidence(rebuild, input, pointer, store);
  if (rebuild.oval?.advisoryPage)
    return (input, pointer, _, store) => partEvidence(rebuild, input, pointer, store);
  if (isUpdated(definition)) return updateEvidence;
  if (isOfDocuments(definition)) {
    const trees = [flawTree({ rebuild, definition })];
    return (input, pointer, inputs, store) => treeEvidence(trees, input, pointer, inputs, store);
  }
  return isPaged(definition) ? pageEvidence : listEvidence;
}
