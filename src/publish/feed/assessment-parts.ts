/**
 * The files of a feed that are about vulnerabilities whatever the platform, each published as a part of its own, with the
 * sources that it is made from: a client may leave one out, and a night on which all EPSS scores move changes no platform.
 */
const sourcesOfParts = {
  epss: ['epss'],
  exploited: ['kev'],
  ratings: ['cve-records', 'nvd'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type AssessmentPart = keyof typeof sourcesOfParts;

export const assessmentParts = Object.keys(sourcesOfParts) as AssessmentPart[];

export function isAssessmentPart(name: string): name is AssessmentPart {
  return Object.hasOwn(sourcesOfParts, name);
}

/** Ids of the sources that a part is made from. */
export function partSources(part: AssessmentPart): readonly string[] {
  return sourcesOfParts[part];
}
