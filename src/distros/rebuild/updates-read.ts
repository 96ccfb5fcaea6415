import { installable } from '../../sources/errata/build.ts';
import { type ErratumPackage, rowsOf } from '../../sources/errata/erratum.ts';
import { addErratum, dropFaults } from '../../sources/errata/statements.ts';
import type { SourceInput } from '../../sources/snapshots.ts';
import { channelRepomd, updatesId } from '../../sources/updateinfo/channel.ts';
import { type ListedUpdate, readUpdateList } from '../../sources/updateinfo/read.ts';
import { platformId, type UpdatedRelease, type UpdatesDefinition } from './definition.ts';
import { addRelease, placeOf, type RebuildReading, reportAbsent } from './reading.ts';
import { channelsOf } from './updates.ts';

/** Reads the lists of updates of every release in the snapshots. */
export async function readUpdateLists(reading: RebuildReading<UpdatesDefinition>): Promise<void> {
  for (const release of reading.definition.releases) await readRelease({ ...reading, release });
}

interface ReleaseReading extends RebuildReading<UpdatesDefinition> {
  release: UpdatedRelease;
}

/** An update, with the rows of all lists that have it. */
interface GatheredUpdate {
  update: ListedUpdate;
  /** Of the first list. */
  input: string;
  place: string;
  /** By name, build and architecture. */
  packages: Map<string, ErratumPackage>;
}

async function readRelease(reading: ReleaseReading): Promise<void> {
  const { release, rebuild, snapshots, out } = reading;
  const { ledger } = out;
  const inputs: string[] = [];
  const lists: SourceInput[] = [];
  const channels = channelsOf(release, reading);
  for (const channel of channels) {
    const repomd = snapshots.find(({ id }) => id === channelRepomd(channel, '').id);
    const list = snapshots.find(({ id }) => id === updatesId(channel));
    if (repomd) inputs.push(repomd.id);
    if (list) lists.push(list);
    else ledger.doubt('channel_absent', placeOf(release, reading), channel.name);
  }
  // Without the updates of an architecture its images would look clean.
  if (lists.length < channels.length) {
    reportAbsent(release, reading);
    return;
  }
  const updates = new Map<string, GatheredUpdate>();
  for (const list of lists) await gather(updates, list, reading);
  const platform = platformId(rebuild, release);
  let used = 0;
  for (const { update, input, place, packages } of updates.values()) {
    const named = new Set([...update.cves, ...update.titled]);
    // Flaws named in the description of a security update count too: updates of browsers name them only there.
    const described = update.security ? update.described.filter((id) => !named.has(id)) : [];
    if (described.length > 0 && packages.size > 0)
      ledger.doubt('cve_in_description', place, `${update.id}: ${described.slice(0, 8).join(', ')}`);
    const erratum = {
      ...update,
      cves: [...named, ...described],
      packages: [...packages.values()],
      faults: [],
    };
    if (packages.size > 0) used += addErratum(erratum, { input, place, platform }, out);
  }
  if (used === 0) {
    reportAbsent(release, reading);
    return;
  }
  await addRelease(release, [...inputs, ...lists.map(({ id }) => id)], reading);
}

/** Adds the updates of a list. Each row is gathered or dropped; an update without rows counts as one. */
async function gather(
  updates: Map<string, GatheredUpdate>,
  input: SourceInput,
  reading: ReleaseReading,
): Promise<void> {
  const { rebuild, release, out } = reading;
  const { ledger } = out;
  const platform = platformId(rebuild, release);
  const collection = rebuild.updates!.collection.replace('{release}', release.major);
  await readUpdateList(input, platform, reading, (update, place) => {
    const other = update.collections.find((each) => each !== collection);
    if (other !== undefined) {
      ledger.drop('other_release', place, `${update.id} of ${other.slice(0, 80)}`, rowsOf(update));
      return false;
    }
    dropFaults(update, { input: input.id, platform }, ledger);
    if (update.packages.length === 0) {
      if (update.faults.length === 0) ledger.drop('no_packages', place, update.id);
      return true;
    }
    const known = updates.get(update.id) ?? { update, input: input.id, place, packages: new Map() };
    known.update = withFlawsOf(known.update, update);
    updates.set(update.id, known);
    let repeated = 0;
    for (const row of installable(update, place, ledger)) {
      const key = `${row.name} ${row.evr} ${row.arch}`;
      if (known.packages.has(key)) repeated += 1;
      else known.packages.set(key, row);
    }
    ledger.drop('repeated', place, update.id, repeated);
    return true;
  });
}

/** Lists that have an update tell the same flaws, unless one of them is damaged or older. */
function withFlawsOf(update: ListedUpdate, other: ListedUpdate): ListedUpdate {
  if (update === other) return update;
  const both = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])];
  return {
    ...update,
    security: update.security || other.security,
    cves: both(update.cves, other.cves),
    titled: both(update.titled, other.titled),
    described: both(update.described, other.described),
  };
}
