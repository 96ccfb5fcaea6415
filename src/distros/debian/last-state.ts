import type { Snapshot, SnapshotStore } from '../../sources/snapshots.ts';
import type { DebianDefinition } from './definition.ts';
import { trackerReleases } from './tracker.ts';

/** Input id of the last tracker document that had a release: `debian-tracker-bullseye`. */
export function lastStateId({ tracker }: DebianDefinition, codename: string): string {
  return `${tracker.id}-${codename}`;
}

/**
 * The tracker drops a release some time after its end of life. The last document that had it is kept as an input of its own,
 * as long as feeds/ lists the release and the tracker does not have it again.
 */
export async function keepLastStates(
  store: SnapshotStore,
  before: Snapshot,
  releasesNow: ReadonlySet<string>,
  definition: DebianDefinition,
): Promise<Snapshot[]> {
  const current = new Map((await store.list(before.source)).map((snapshot) => [snapshot.id, snapshot]));
  const releasesBefore = await trackerReleases(store.open(before), {
    input: before.id,
    where: store.path(before),
  });
  const kept: Snapshot[] = [];
  for (const { codename } of definition.releases) {
    if (releasesNow.has(codename)) continue;
    const id = lastStateId(definition, codename);
    const known = current.get(id);
    if (known) kept.push(known);
    else if (releasesBefore.has(codename)) kept.push(await store.save({ ...before, id }, store.open(before)));
  }
  return kept;
}
