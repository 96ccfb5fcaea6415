import type { FetchContext } from '../../sources/contract.ts';
import { fetchListed } from '../../sources/csaf-tree/fetch-listed.ts';
import { readFlaws } from '../../sources/csaf-tree/read-flaws.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import { type DocumentsDefinition, platformId, type RebuildData } from './definition.ts';
import { flawTree } from './flaw-tree.ts';
import { addRelease, type RebuildReading, reportAbsent } from './reading.ts';

/** Updates the documents that the vendor's index lists. */
export function fetchFlawDocuments(
  context: FetchContext,
  data: RebuildData<DocumentsDefinition>,
): Promise<Snapshot[]> {
  return fetchListed(flawTree(data), context);
}

/** Reads the documents, and the rosters of the releases that they are about. */
export async function readFlawDocuments(reading: RebuildReading<DocumentsDefinition>): Promise<void> {
  const { rebuild, definition, snapshots, store, out } = reading;
  const { platforms, inputs } = await readFlaws(flawTree(reading), snapshots, store, out);
  for (const release of definition.releases)
    if (platforms.has(platformId(rebuild, release))) await addRelease(release, inputs, reading);
    else reportAbsent(release, reading);
}
