import type { Download } from '../download.ts';

/** An rpm repository of a release. */
export interface Repository {
  source: string;
  /** The part of its snapshots' ids that is its own: its path with dashes. */
  name: string;
  /** Address of the folder that has `repodata`. */
  url: string;
}

/** Where a vendor's repositories are, and which of them a release has. */
export interface RepositoryPaths {
  /** Base address. */
  packages: string;
  /** Below it: `9/BaseOS/x86_64/os`; undefined: none that everybody may read. */
  repositories?: readonly string[] | undefined;
}

/** As many connections as the vendors' own clients open. */
export const repositoryConnections = 4;

/** Those with the most kinds of metadata have some 20 kB. */
export const maxRepomdBytes = 2 ** 20;

/** Packed; those of Tumbleweed have some 20 MB. */
const maxPrimaryBytes = 2 ** 27;

export function repositoriesOf(
  source: string,
  { packages, repositories = [] }: RepositoryPaths,
): Repository[] {
  return repositories.map((path) => ({
    source,
    name: path.replaceAll('/', '-'),
    url: `${packages}/${path}`,
  }));
}

/** The file that lists a repository's metadata with their digests. */
export function repomdOf({ source, name, url }: Repository): Download {
  return {
    source,
    id: `${source}-repomd-${name}`,
    url: `${url}/repodata/repomd.xml`,
    kind: 'xml',
    maxBytes: maxRepomdBytes,
  };
}

/** The list of its packages; `href` is its path below the repository, as repomd.xml has it. */
export function primaryOf({ source, name, url }: Repository, href: string): Download {
  return {
    source,
    id: primaryId({ source, name }),
    url: `${url}/${href}`,
    kind: /\.xml$/i.test(href) ? 'xml' : 'packed',
    maxBytes: maxPrimaryBytes,
  };
}

export function primaryId({ source, name }: Pick<Repository, 'source' | 'name'>): string {
  return `${source}-primary-${name}`;
}
