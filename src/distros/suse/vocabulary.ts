import type { Severity } from '../../model/feed/index.ts';
import { parseRpmEvr } from '../../packaging/rpm/version.ts';
import type { ComponentOrReason, CsafVocabulary } from '../../sources/csaf/vocabulary.ts';
import { streamOf } from './streams.ts';

/** SUSE's words and names. `known`: the platforms that are compiled. */
export function suseVocabulary(known: ReadonlySet<string>): CsafVocabulary {
  return {
    stream: (_, cpe) => streamOf(cpe, known),
    component: (id, _, cpe) => componentOf(id, cpe),
    // Its documents have no purls.
    guesses: () => true,
    statuses: {
      // Never `fixed`: SUSE recommends a build that has the fix, or a later one.
      recommended: 'fixed',
      first_fixed: 'fixed',
      fixed: 'fixed',
      known_affected: 'affected',
      known_not_affected: 'not_affected',
      under_investigation: 'under_investigation',
    },
    severityOf,
    fixStates: {},
    fixStateOfCategory: {
      none_available: { fixState: 'none_yet' },
      no_fix_planned: { fixState: 'will_not_fix' },
    },
    freeDetails: true,
    advisoryOf: (url) =>
      url === undefined ? undefined : /(?:open)?SUSE-[SRFO]U-\d{4}:[\d-]+$/i.exec(url)?.[0],
    isVersion: (version) => parseRpmEvr(version)?.release !== undefined,
  };
}

/** https://www.suse.com/support/security/rating/ */
const severities: Readonly<Record<string, Severity>> = {
  low: 'low',
  moderate: 'medium',
  important: 'high',
  critical: 'critical',
  'not set': 'unknown',
  none: 'unknown',
};

export function severityOf(text: string | undefined): Severity | undefined {
  const word = text?.trim().toLowerCase();
  return word !== undefined && Object.hasOwn(severities, word) ? severities[word] : undefined;
}

/** Debug symbols and sources are irrelevant for images. */
const debugPackage = /-debug(?:info|source)(?:-|$)/;

/**
 * A product id is the name of a package, with `-VERSION-RELEASE` where a build is meant. Names of libraries look alike
 * (`libdcerpc-binding0-32bit`), so the CPE beside it decides, which has the version or `*`; the last part must look like a
 * release (SUSE's CPE of `samba-ad-dc` has the version `ad`), and without a CPE the one before it like a version. Names may be of sources or of binaries, which no document says.
 */
export function componentOf(id: string, cpe: string | undefined): ComponentOrReason {
  const build = /^(?<name>[A-Za-z0-9][\w.+-]*)-(?<version>[^-\s:/]+)-(?<release>[^-\s:/]+)$/.exec(id)?.groups;
  const stated = cpe === undefined ? undefined : versionInCpe(cpe);
  const isBuild =
    build !== undefined &&
    (stated === undefined ? looksLikeBuild(build) : stated !== '*' && hasRelease(build));
  const name = isBuild ? build['name']! : id;
  if (!/^[A-Za-z0-9][\w.+-]*$/.test(name)) return { reason: 'no_package_name', detail: id };
  if (debugPackage.test(name)) return { reason: 'debug_package' };
  return {
    kind: 'rpm',
    subject: 'binary',
    unsure: !isBuild,
    name,
    module: undefined,
    arch: undefined,
    version: isBuild ? `${build['version']}-${build['release']}` : undefined,
  };
}

type BuildParts = Record<string, string | undefined>;

/** No name has `~` or `^`. */
function looksLikeBuild(build: BuildParts): boolean {
  const { version = '' } = build;
  return hasRelease(build) && (/^\d/.test(version) || /[~^]/.test(version));
}

/** A number, or one after the letters of a project: `bp155.3.3.1` (Package Hub), `lp155.2.1` (Leap). */
function hasRelease({ release = '' }: BuildParts): boolean {
  return /^(?:\d|[a-z]{2}\d+\.)/.test(release) && !/^\d+bit$/.test(release);
}

/** The sixth component of `cpe:2.3:a:samba:samba:4.19.4:*:…`; undefined: not one. */
function versionInCpe(cpe: string): string | undefined {
  if (!cpe.startsWith('cpe:2.3:')) return undefined;
  return cpe.split(/(?<!\\):/)[5];
}
