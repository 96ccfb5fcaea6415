import { fixesOnly } from '../../model/feed/index.ts';
import type { SourceSink } from '../../sources/contract.ts';
import type { KnownErrata } from '../../sources/errata/osv.ts';
import { readRepositories } from '../../sources/repodata/roster.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { flavourPattern } from '../shared/rule/flavour.ts';
import {
  platformOf,
  type RebuildData,
  type RebuildDefinition,
  type RebuildRelease,
  repositoryInputs,
} from './definition.ts';

/** The snapshots of a rebuild while they are read. */
export interface RebuildReading<Definition = RebuildDefinition> extends RebuildData<Definition> {
  snapshots: readonly SourceInput[];
  store: SnapshotStore;
  out: SourceSink;
  known: KnownErrata;
}

/**
 * Gives a release with its roster. `errata`: the inputs that its statements are from; `flaws`: these are about source packages, and
 * some may be of flaws without a fix.
 */
export async function addRelease(
  release: RebuildRelease,
  errata: readonly string[],
  reading: RebuildReading,
  {
    flaws,
    marks: ownMarks = [],
  }: { flaws?: { hasUnfixed: boolean } | undefined; marks?: readonly string[] } = {},
): Promise<void> {
  const { rebuild, snapshots, store, out } = reading;
  const { inputs, marks, ...roster } = await readRepositories(
    repositoryInputs(release, reading),
    snapshots,
    store,
    out.ledger,
    placeOf(release, reading),
    { withBinaries: flaws !== undefined },
  );
  out.platform(platformOf(rebuild, release), {
    inputs: [...errata, ...inputs],
    ...roster,
    marks: [
      ...(flaws?.hasUnfixed ? [] : [fixesOnly]),
      ...(rebuild.updates?.newestOnly ? ['newest_updates_only'] : []),
      ...ownMarks,
      ...marks,
    ],
    severalErrata: true,
    ...(rebuild.flavours && { flavours: rebuild.flavours.map(flavourPattern) }),
  });
}

/** A release of feeds/ without a statement is a finding, and no platform: its images would look clean. */
export function reportAbsent(release: RebuildRelease, reading: RebuildReading): void {
  reading.out.ledger.doubt('release_absent', placeOf(release, reading));
}

export function placeOf({ major }: RebuildRelease, { rebuild }: RebuildData): string {
  return `feeds/${rebuild.id}.json#${major}`;
}
