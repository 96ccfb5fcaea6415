import { ScapfeedError } from '../../model/error.ts';
import { platformList } from '../../model/nearest.ts';
import { type AssessmentPartName, isAssessmentPart } from '../../published/assessment-parts.ts';
import { feedRole } from '../../published/names.ts';

/** The platforms of the roles that an origin offers; `held`: those in a bundle, which may be fewer. */
export function publishedPlatforms(roles: readonly string[], held?: readonly string[]): string[] {
  return roles
    .filter((role) => role !== feedRole && !isAssessmentPart(role) && (held?.includes(role) ?? true))
    .sort();
}

/** The parts that all platforms share, as far as an origin offers them and they are not to be left out. */
export function publishedAssessments(
  roles: readonly string[],
  held: readonly string[] | undefined,
  without: readonly string[] = [],
): AssessmentPartName[] {
  return roles
    .filter(isAssessmentPart)
    .filter((part) => (held?.includes(part) ?? true) && !without.includes(part))
    .sort();
}

/** Sorted platforms, chosen by id or by prefix (`rhel-*`). @throws PLATFORM_NOT_COVERED */
export function choosePlatforms(
  wanted: readonly string[],
  published: readonly string[],
  where: string,
): string[] {
  const chosen = wanted.map((name) => ({ name, ids: published.filter((id) => matches(id, name)) }));
  const missing = chosen.find(({ ids }) => ids.length === 0);
  if (!missing) return [...new Set(chosen.flatMap(({ ids }) => ids))].sort();
  throw new ScapfeedError({
    code: 'PLATFORM_NOT_COVERED',
    message: `the feed has no platform ${missing.name}`,
    where,
    remedy: `available platforms: ${platformList(published)}`,
  });
}

function matches(id: string, wanted: string): boolean {
  return wanted.endsWith('*') ? id.startsWith(wanted.slice(0, -1)) : id === wanted;
}
