import feed from '../../../../feeds/redhat.json' with { type: 'json' };
import type { Platform } from '../../../model/index.ts';
import type { Tree } from './record.ts';

/** feeds/redhat.json: where Red Hat's data is, how gently it is fetched, and whose signature it bears. */
export interface RedHatDefinition {
  /** URLs with a slash at their end. */
  trees: Readonly<Record<Tree, string>>;
  /** Repository id -> CPEs, and container name -> repositories. */
  maps: Readonly<Record<string, string>>;
  limits: FetchLimits;
  /** Armored OpenPGP key of Red Hat Product Security. */
  signingKey: string;
}

export interface FetchLimits {
  /** Documents at a time. */
  concurrency: number;
  /** Wait after the first refusal; doubled for each next. */
  pauseMilliseconds: number;
  tries: number;
  /** More changed documents than this are fetched as the newest archive. */
  archiveAbove: number;
  /** How long before an archive's day changes are read again. */
  overlapHours: number;
}

export const definition: RedHatDefinition = { ...feed, signingKey: feed.signingKey.join('\n') };

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
