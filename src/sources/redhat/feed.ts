import feed from '../../../feeds/redhat.json' with { type: 'json' };
import type { Platform } from '../../model/index.ts';
import type { Tree } from './record.ts';

/** feeds/redhat.json: where Red Hat's data is and which releases are compiled. Tree URLs end in a slash. */
export const treeUrls: Readonly<Record<Tree, string>> = feed.trees;

/** Repository id -> CPEs, and container name -> repositories. */
export const mapUrls: Readonly<Record<'redhat-repositories' | 'redhat-containers', string>> = feed.maps;

/** How many of a tree's documents may be unreadable before a build is refused: a share, and always a few. */
export function malformedBudget(documents: number): number {
  return Math.max(feed.malformedFew, Math.floor(documents * feed.malformedShare));
}

/** A RHEL major by its platform id, or a layered product. */
export function platformOf(id: string): Platform {
  const release = feed.releases.find(({ major }) => `rhel-${major}` === id);
  if (!release) return layeredPlatform(id);
  const { major, life } = release;
  return {
    id,
    name: `Red Hat Enterprise Linux ${major}`,
    aliases: [`rhel${major}`],
    os: { id: 'rhel', version: String(major) },
    packaging: 'rpm',
    life,
  };
}

/** Chosen by an image's CPEs, never by its os-release: no system calls itself `redhat-layered`. */
function layeredPlatform(id: string): Platform {
  const product = id.slice('rhel-layered-'.length);
  return {
    id,
    name: `Red Hat layered product: ${product}`,
    aliases: [],
    os: { id: 'redhat-layered', version: product },
    packaging: 'rpm',
    life: [],
  };
}
