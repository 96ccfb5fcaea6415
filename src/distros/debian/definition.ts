import data from '../../../feeds/debian.json' with { type: 'json' };
import keys from '../../../feeds/debian-keys.json' with { type: 'json' };
import { type LifePhase, lifePhaseOn, type Platform } from '../../model/feed/index.ts';
import type { SuiteIndex } from '../../sources/signed-index.ts';

/** `feeds/debian.json`: where Debian's data is, and what its releases are. */
export interface DebianDefinition {
  tracker: { id: string; url: string };
  advisoryLists: readonly { id: string; url: string }[];
  /** Base addresses of the package archives by the names that suites use. */
  archives: Readonly<Record<string, string>>;
  components: readonly string[];
  architectures: readonly string[];
  /** Armored OpenPGP keys that may sign the archives' Release files. */
  signingKeys: string;
  /** Share of the tracker's records that may be malformed before the whole document is refused. */
  malformedShare: number;
  releases: readonly DebianRelease[];
}

export interface DebianRelease {
  codename: string;
  platform: string;
  /** VERSION_ID of os-release; testing and sid have none. */
  version?: string;
  name: string;
  aliases?: readonly string[];
  /** Phases: `regular` and `lts` are Debian's, `elts` is Freexian's. */
  life: readonly LifePhase[];
  /** Where its packages are listed; none for releases that have left the archive. */
  suites: readonly { archive: string; suite: string }[];
}

/** A test checks it by schemas/debian-definition.schema.json; a JSON import has wider types than the schema. */
export const debianDefinition: DebianDefinition = {
  ...(data as Omit<DebianDefinition, 'signingKeys'>),
  signingKeys: keys.armored.join('\n'),
};

export function platformOf(release: DebianRelease): Platform {
  return {
    id: release.platform,
    name: release.name,
    aliases: [release.codename, ...(release.aliases ?? [])],
    os: { id: 'debian', ...(release.version && { version: release.version }), codename: release.codename },
    packaging: 'deb',
    life: release.life,
  };
}

/** True once Debian's own support, LTS included, is over; the tracker then keeps the release only for a while. */
export function isEndOfLife(release: DebianRelease, day: string): boolean {
  return lifePhaseOn(release, day) === 'end_of_life';
}

const maxIndexBytes = 2 ** 28;

/** A suite that a release's platform is made from. */
interface SuiteInputs {
  suite: string;
  /** Id of the snapshot of its InRelease file. */
  releaseId: string;
  url: string;
  /** Components x architectures. */
  indexes: SuiteIndex[];
}

export function suiteInputs(
  release: DebianRelease,
  { archives, components, architectures }: DebianDefinition,
): SuiteInputs[] {
  return release.suites.map(({ archive, suite }) => {
    const indexes = components.flatMap((component) =>
      architectures.map((architecture): SuiteIndex => {
        const path = `${component}/binary-${architecture}/Packages`;
        const id = `debian-packages-${suite}-${component}-${architecture}`;
        return { id, paths: [`${path}.xz`, `${path}.gz`], maxBytes: maxIndexBytes };
      }),
    );
    const releaseId = `debian-release-${suite}`;
    return { suite, releaseId, url: `${archives[archive]}/dists/${suite}`, indexes };
  });
}

/** Every package index of a release. */
export function indexInputs(release: DebianRelease, definition: DebianDefinition): SuiteIndex[] {
  return suiteInputs(release, definition).flatMap(({ indexes }) => indexes);
}
