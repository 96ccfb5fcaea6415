import type { Database } from '../../fleet/store/database.ts';
import { requireKeepableName } from '../../fleet/store/keepable.ts';
import { addNames, addNamespaces, addWatch, type WatchKind } from '../../fleet/store/watches.ts';

/** Images that are added together. */
export interface FleetAddition {
  kind: WatchKind;
  place: string;
  tags?: string;
  references: readonly string[];
  /** Kubernetes namespaces whose pods ask for them. */
  namespaces?: readonly string[];
}

/** The number of images that are new to a fleet, and the number it already had. */
export interface AddedImages {
  added: number;
  known: number;
}

/** Adds images to those that runs look up; all of them or, if one cannot be added, none. @throws IMAGE_LIMIT_EXCEEDED */
export async function addToFleet(
  database: Database,
  additions: readonly FleetAddition[],
  now: Date,
): Promise<AddedImages> {
  for (const { place, references } of additions)
    for (const each of [place, ...references]) requireKeepableName(each);
  const added = await database.transaction(async (queries) => {
    let count = 0;
    for (const { references, namespaces = [], ...watch } of additions) {
      const { id } = await addWatch(queries, watch, now);
      count += await addNames(queries, id, references, now);
      await addNamespaces(queries, references, namespaces);
    }
    return count;
  });
  return { added, known: additions.reduce((sum, { references }) => sum + references.length, 0) - added };
}
