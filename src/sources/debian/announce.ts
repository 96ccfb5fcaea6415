import { type DebianRelease, isEndOfLife, platformOf } from './definition.ts';
import { indexInputs } from './inputs.ts';
import type { Reading } from './reading.ts';
import { readRoster } from './roster.ts';

/** Tells the sink of every release that statements are about, and of the advisories that they name. */
export async function announcePlatforms(reading: Reading): Promise<void> {
  const { definition, out, advisories, announced, platforms, inTracker } = reading;
  for (const id of announced) {
    const details = advisories.details(id);
    if (details) out.advisory(details);
  }
  for (const release of definition.releases) {
    // A release of feeds/ that the tracker lacks is a finding: a platform without data would look clean.
    if (inTracker.get(release.codename) !== definition.tracker.id) {
      out.ledger.doubt('release_absent', placeOf(release));
    }
    if (platforms.has(release.platform)) await announce(release, reading);
  }
}

async function announce(release: DebianRelease, reading: Reading): Promise<void> {
  const { definition, inputs, store, out, inTracker } = reading;
  const wanted = indexInputs(release, definition);
  const indexes = wanted.flatMap(({ id }) => inputs.get(id) ?? []);
  const complete = indexes.length > 0 && indexes.length === wanted.length;
  if (indexes.length < wanted.length) out.ledger.doubt('package_indexes_missing', placeOf(release));
  const documents = [
    inTracker.get(release.codename) ?? [],
    definition.advisoryLists.map(({ id }) => id),
  ].flat();
  const marks = marksOf(release, reading);
  out.platform(platformOf(release), {
    inputs: [...documents, ...indexes.map(({ id }) => id)],
    ...(complete && { roster: await readRoster(indexes, store, out.ledger) }),
    ...(marks.length > 0 && { marks }),
  });
}

function marksOf(release: DebianRelease, { definition, inTracker, day }: Reading): string[] {
  const input = inTracker.get(release.codename);
  return [
    ...(input === undefined ? ['advisory_list_only'] : []),
    ...(input !== undefined && input !== definition.tracker.id ? ['last_state'] : []),
    ...(isEndOfLife(release, day) ? ['release_end_of_life'] : []),
  ];
}

function placeOf({ codename }: DebianRelease): string {
  return `feeds/debian.json#${codename}`;
}
