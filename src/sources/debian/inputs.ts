import type { DebianDefinition, DebianRelease } from './definition.ts';

/** One `Packages` index; the vendor serves it in several compressions. */
export interface IndexInput {
  id: string;
  release: string;
  /** Addresses of the same content, the smallest first. */
  urls: readonly string[];
}

/** Every package index that a release's platform is made from: its suites x components x architectures. */
export function indexInputs(release: DebianRelease, definition: DebianDefinition): IndexInput[] {
  return release.suites.flatMap(({ archive, suite }) =>
    definition.components.flatMap((component) =>
      definition.architectures.map((architecture) => {
        const path = `dists/${suite}/${component}/binary-${architecture}/Packages`;
        const base = `${definition.archives[archive]}/${path}`;
        return {
          id: `debian-packages-${suite}-${component}-${architecture}`,
          release: release.codename,
          urls: [`${base}.xz`, `${base}.gz`],
        };
      }),
    ),
  );
}
