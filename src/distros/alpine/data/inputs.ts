import type { Download } from '../../../sources/download.ts';
import type { AlpineDefinition, AlpineRelease } from './definition.ts';

export const sourceId = 'alpine';

const maxSecdbBytes = 2 ** 26;
const maxIndexBytes = 2 ** 27;

/** The documents of one repository of a release. */
export interface RepositoryInputs {
  repository: string;
  /** What was fixed. */
  secdb: Download;
  /** What the repository ships. */
  index: Download;
}

export function repositoryInputs(
  { branch, repositories }: AlpineRelease,
  { secdb, packages, architecture }: AlpineDefinition,
): RepositoryInputs[] {
  const common = { source: sourceId } as const;
  return repositories.map((repository) => ({
    repository,
    secdb: {
      ...common,
      id: `alpine-secdb-${branch}-${repository}`,
      url: `${secdb}/${branch}/${repository}.json`,
      kind: 'json',
      maxBytes: maxSecdbBytes,
    },
    index: {
      ...common,
      id: `alpine-index-${branch}-${repository}`,
      url: `${packages}/${branch}/${repository}/${architecture}/APKINDEX.tar.gz`,
      kind: 'packed',
      maxBytes: maxIndexBytes,
    },
  }));
}
