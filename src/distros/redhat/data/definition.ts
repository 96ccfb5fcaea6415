import data from '../../../../feeds/redhat.json' with { type: 'json' };
import keys from '../../../../feeds/redhat-keys.json' with { type: 'json' };
import type { LifePhase, Platform } from '../../../model/index.ts';
import { layeredPrefix } from '../rule/layers.ts';
import type { Tree } from './parse/record.ts';
import type { Majors } from './parse/stream.ts';

/** `feeds/redhat.json`: where Red Hat's data is, how gently it is fetched, and which releases are compiled. */
export interface RedHatDefinition {
  /** URLs with a slash at their end. */
  trees: Readonly<Record<Tree, string>>;
  /** Repository id -> CPEs, and container name -> repositories. */
  maps: Readonly<Record<string, string>>;
  limits: FetchLimits;
  /** Armored OpenPGP keys that may sign the documents. */
  signingKeys: string;
  /** Share of a tree's documents that may be unreadable before a build is refused; a few always may. */
  malformedShare: number;
  malformedFew: number;
  releases: readonly { major: number; life: readonly LifePhase[] }[];
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

/** Held to schemas/redhat-definition.schema.json by a test. */
export const redHatDefinition: RedHatDefinition = { ...data, signingKeys: keys.armored.join('\n') };

/** The majors of RHEL that shards are compiled for. */
export function majorsOf({ releases }: RedHatDefinition): Majors {
  return new Set(releases.map(({ major }) => major));
}

/** How many of a tree's documents may be unreadable before a build is refused: a share, and always a few. */
export function malformedBudget(
  documents: number,
  { malformedFew, malformedShare }: RedHatDefinition,
): number {
  return Math.max(malformedFew, Math.floor(documents * malformedShare));
}

/** A RHEL major by its platform id, or a layered product. */
export function platformOf(id: string, { releases }: RedHatDefinition): Platform {
  const release = releases.find(({ major }) => `rhel-${major}` === id);
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
  const product = id.slice(layeredPrefix.length);
  return {
    id,
    name: `Red Hat layered product: ${product}`,
    aliases: [],
    os: { id: 'redhat-layered', version: product },
    packaging: 'rpm',
    life: [],
  };
}
