import {
  findProfile,
  idleRules,
  type ListedRule,
  listRules,
  openContent,
  policyOf,
  profilesOf,
  type TailoringRequest,
  tailorProfile,
} from '../../comply/index.ts';
import { guidePage } from '../../report/comply/guide.ts';
import { policyPage } from '../../report/comply/policy-page.ts';
import { type TailoringData, tailoringDocument } from '../../report/comply/tailoring.ts';
import { noRule } from '../comply/run.ts';
import { toolVersion } from '../tool-version.ts';
import type { ContentFile } from './options.ts';

/** A tailored profile and its document. */
export interface Tailored {
  /** The id of the profile. */
  profile: string;
  /** The tailoring file (XCCDF). */
  document: string;
  /** Rules that the profile selects and that do not run, because of what they require or conflict with. */
  idle: readonly string[];
}

/** Changes the profile of a tailoring file, or makes a new one where there is no such file. */
export function tailorContent(
  { file: place, ...how }: ContentFile,
  file: string | undefined,
  request: TailoringRequest,
  date: Date,
): Tailored {
  const content = openContent(place, how);
  const tailored = tailorProfile(content, file, request);
  return {
    profile: tailored.id,
    document: tailoringDocument(dataOf(tailored, content, place, date)),
    idle: idleRules(content, tailored),
  };
}

export function rulesOf({ file, ...how }: ContentFile, profile: string | undefined): ListedRule[] {
  return listRules(openContent(file, how), profile);
}

/** The page in which a person tailors content. */
export function tailoringPage({ file, ...how }: ContentFile, name: string | undefined): string {
  const content = openContent(file, how);
  const profile = profileOf(content, name);
  return policyPage({ policy: policyOf(content), href: content.source.name || file, profile });
}

/** The guide to a profile's rules, as one page. @throws USAGE where it has none */
export function contentGuide({ file, ...how }: ContentFile, name: string | undefined): string {
  const content = openContent(file, how);
  const policy = policyOf(content);
  const profile = profileOf(content, name);
  const { rules } = policy.profiles.find(({ id }) => id === profile)!;
  if (rules.length === 0) throw noRule(profilesOf(content.benchmark, content.tailorings));
  return guidePage(policy, profile, toolVersion);
}

function profileOf(
  { benchmark, tailorings }: ReturnType<typeof openContent>,
  name: string | undefined,
): string | undefined {
  return name === undefined ? undefined : findProfile(name, profilesOf(benchmark, tailorings)).id;
}

function dataOf(
  { id, title, extends: base, changes }: ReturnType<typeof tailorProfile>,
  { benchmark, source }: ReturnType<typeof openContent>,
  contentPath: string,
  date: Date,
): TailoringData {
  return {
    benchmark: { href: source.name || contentPath, id: benchmark.id },
    time: date.toISOString(),
    profile: {
      id,
      title,
      ...(base === undefined ? {} : { extends: base }),
      selects: changes.flatMap((change) => (change.kind === 'select' ? [change] : [])),
      values: changes.flatMap((change) =>
        change.kind === 'set-value' && typeof change.value === 'string'
          ? [{ id: change.id, value: change.value }]
          : [],
      ),
      refineValues: changes.flatMap((change) => (change.kind === 'refine-value' ? [change] : [])),
      refineRules: changes.flatMap((change) => (change.kind === 'refine-rule' ? [change] : [])),
    },
  };
}
