import type { Roster } from '../../model/index.ts';
import { type DebianRelease, indexInputs, isEndOfLife, platformOf, suiteInputs } from './definition.ts';
import type { Reading } from './reading.ts';
import { debianOrigin } from './rule.ts';

/** Passes every release with statements, and the advisories that they name, to the sink. */
export function announcePlatforms(reading: Reading, rosters: ReadonlyMap<string, Roster>): void {
  const { definition, out, advisories, announced, platforms } = reading;
  for (const id of announced) {
    const details = advisories.details(id);
    if (details) out.advisory(details);
  }
  for (const release of definition.releases) {
    // A release of feeds/ that the tracker lacks is a finding: a platform without data would look clean.
    if (isLastState(release, reading)) {
      out.ledger.doubt('release_absent', placeOf(release));
    }
    if (platforms.has(release.platform)) announce(release, rosters.get(release.codename), reading);
  }
}

function announce(release: DebianRelease, roster: Roster | undefined, reading: Reading): void {
  const { definition, inputs, out, inTracker, advisories } = reading;
  const wanted = indexInputs(release, definition);
  const indexes = wanted.flatMap(({ id }) => inputs.get(id) ?? []);
  if (indexes.length < wanted.length) out.ledger.doubt('package_indexes_missing', placeOf(release));
  const documents = [
    inTracker.get(release.codename) ?? [],
    definition.advisoryLists.map(({ id }) => id),
    suiteInputs(release, definition).flatMap(({ releaseId }) => (inputs.has(releaseId) ? releaseId : [])),
  ].flat();
  const marks = marksOf(release, reading);
  out.platform(platformOf(release), {
    inputs: [...documents, ...indexes.map(({ id }) => id)],
    ...(roster && { roster, ownDespiteSuffix: ownDespiteSuffix(release, roster) }),
    ...(marks.length > 0 && { marks }),
    // The data of a release that the tracker has dropped does not become newer with advisories for other releases.
    ...(isLastState(release, reading) && { updated: `${advisories.newest(release.codename)}T00:00:00Z` }),
  });
}

function isLastState({ codename }: DebianRelease, { definition, inTracker }: Reading): boolean {
  return inTracker.get(codename) !== definition.tracker.id;
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

/** Sources that the release ships in a version which was built for another one. */
function ownDespiteSuffix(release: DebianRelease, roster: Roster): string[] {
  if (release.version === undefined) return [];
  const own = Number(release.version);
  return [...roster].flatMap(([name, { version }]) => {
    const origin = debianOrigin(version);
    return origin !== undefined && origin.release !== own ? name : [];
  });
}
