import { ScapfeedError } from '../../model/error.ts';
import { nearest } from '../../model/nearest.ts';
import type { Benchmark, Profile, Tailoring } from './model.ts';

/** Profiles of tailorings come before the benchmark's and shadow those with the same id. */
export function profilesOf(
  benchmark: Pick<Benchmark, 'profiles'>,
  tailorings: readonly Tailoring[] = [],
): Profile[] {
  const all = [...tailorings.flatMap(({ profiles }) => profiles), ...benchmark.profiles];
  const first = new Map<string, Profile>();
  for (const profile of all) if (!first.has(profile.id)) first.set(profile.id, profile);
  return [...first.values()];
}

/** Finds a profile by its id or a unique end of it; PROFILE_UNKNOWN lists similar ones. */
export function findProfile(name: string, profiles: readonly Profile[]): Profile {
  const exact = profiles.find(({ id }) => id === name);
  const ending = profiles.filter(({ id }) => id.endsWith(`_${name}`) || id.endsWith(`profile_${name}`));
  const found = exact ?? (ending.length === 1 ? ending[0] : undefined);
  if (found && !found.abstract) return found;
  const near = ending.length > 1 ? ending : nearProfiles(name, profiles);
  throw new ScapfeedError({
    code: 'PROFILE_UNKNOWN',
    message: `there is no profile ${name}${near.length > 0 ? `; near ones are ${near.map(({ id }) => id).join(', ')}` : ''}`,
    remedy:
      profiles.length === 0
        ? noProfiles
        : `choose one of: ${profiles.map(({ id }) => shortId(id)).join(', ')}`,
  });
}

/** Remedy for content without profiles. */
export const noProfiles =
  'the content has no profiles: make one with `scapfeed tailor FILE --content CONTENT --select RULE`, and give FILE to --tailoring';

/** The part of an XCCDF 1.2 id that its author chose. */
export function shortId(id: string): string {
  return /^xccdf_[^_]+_(?:benchmark|profile|group|rule|value|tailoring)_(.+)$/.exec(id)?.[1] ?? id;
}

function nearProfiles(name: string, profiles: readonly Profile[]): Profile[] {
  const close = nearest(
    name,
    profiles.map(({ id }) => shortId(id)),
  );
  if (close !== undefined) return profiles.filter(({ id }) => shortId(id) === close);
  const words = name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 2);
  const score = ({ id }: Profile) => words.filter((word) => id.toLowerCase().includes(word)).length;
  return profiles
    .filter((profile) => score(profile) > 0)
    .sort((a, b) => score(b) - score(a))
    .slice(0, 3);
}
