import data from '../../../feeds/alpine.json' with { type: 'json' };
import type { Platform } from '../../model/feed/index.ts';
import type { Download } from '../../sources/download.ts';

/** `feeds/alpine.json`: where Alpine's data is, and what its releases are. */
export interface AlpineDefinition {
  /** Base address of the security database. */
  secdb: string;
  /** Base address of the packages, whose indexes say what a release ships and when it was built. */
  packages: string;
  /** Of those indexes. */
  architecture: string;
  /** Share of a release's records that may be malformed before the release is refused. */
  malformedShare: number;
  /** So many may be malformed in any case, if there are others. */
  malformedFew: number;
  releases: readonly AlpineRelease[];
}

export interface AlpineRelease {
  /** `v3.20`, `edge`: the name of a release in addresses and in /etc/apk/repositories. */
  branch: string;
  /** `3.20`, `edge` */
  version: string;
  repositories: readonly string[];
  /** The last day of support; edge has none. */
  until?: string;
}

/** A test checks it by schemas/alpine-definition.schema.json. */
export const alpineDefinition: AlpineDefinition = data;

export function platformOf({ branch, version, until }: AlpineRelease): Platform {
  return {
    id: `alpine-${version}`,
    name: `Alpine Linux ${version}`,
    aliases: branch === version ? [] : [`alpine-${branch}`],
    os: { id: 'alpine', version },
    packaging: 'apk',
    life: until === undefined ? [] : [{ phase: 'regular', until }],
  };
}

export const sourceId = 'alpine';

const maxSecdbBytes = 2 ** 26;
const maxIndexBytes = 2 ** 27;

/** The documents of one repository of a release. */
export interface RepositoryInputs {
  repository: string;
  /** Security database: the fixed CVEs by version. */
  secdb: Download;
  /** Package index: the packages of the repository. */
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
