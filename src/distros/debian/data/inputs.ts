import type { SuiteIndex } from '../../../sources/signed-index.ts';
import type { DebianDefinition, DebianRelease } from './definition.ts';

const maxIndexBytes = 2 ** 28;

/** A suite that a release's platform is made from. */
export interface SuiteInputs {
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
