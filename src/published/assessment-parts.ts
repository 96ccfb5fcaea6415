/**
 * The files of a feed that are about vulnerabilities whatever the platform, VEX of others included, each published as a part of its own, with the
 * sources that it is made from: a client may leave one out, and a night on which all EPSS scores move changes no platform.
 */
const sourcesOfParts = {
  epss: ['epss'],
  exploited: ['eukev', 'kev'],
  ratings: ['cve-records', 'nvd'],
  vex: ['vex'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type AssessmentPartName = keyof typeof sourcesOfParts;

export const assessmentParts = Object.keys(sourcesOfParts) as AssessmentPartName[];

export function isAssessmentPart(name: string): name is AssessmentPartName {
  return Object.hasOwn(sourcesOfParts, name);
}

/** Ids of the sources that a part is made from. */
export function partSources(part: AssessmentPartName): readonly string[] {
  return sourcesOfParts[part];
}
