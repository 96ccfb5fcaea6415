import data from '../../../feeds/redhat.json' with { type: 'json' };
import keys from '../../../feeds/redhat-keys.json' with { type: 'json' };
import type { LifePhase, Platform } from '../../model/feed/index.ts';
import type { FetchLimits } from '../../sources/csaf-tree/tree.ts';
import type { Tree } from './record.ts';
import { hardenedPlatform, hardenedProduct, hardenedVersion, layeredPrefix } from './rule-streams.ts';
import type { Majors } from './stream.ts';

/** `feeds/redhat.json`: where Red Hat's data is, limits on fetching, and which releases are compiled. */
export interface RedHatDefinition {
  /** URLs with a slash at their end. */
  trees: Readonly<Record<Tree, string>>;
  /** Repository id -> CPEs, and container name -> repositories. */
  maps: Readonly<Record<string, string>>;
  limits: FetchLimits;
  /** Armored OpenPGP keys that may sign the documents. */
  signingKeys: string;
  /** Share of a tree's documents that may be unreadable before a build is refused; a few may in any case. */
  malformedShare: number;
  malformedFew: number;
  releases: readonly { major: number; life: readonly LifePhase[] }[];
}

/** A test checks it by schemas/redhat-definition.schema.json. */
export const redHatDefinition: RedHatDefinition = { ...data, signingKeys: keys.armored.join('\n') };

/** The majors of RHEL that shards are compiled for. */
export function majorsOf({ releases }: RedHatDefinition): Majors {
  return new Set(releases.map(({ major }) => major));
}

/** A RHEL major by its platform id, hardened images, or a layered product. */
export function platformOf(id: string, { releases }: RedHatDefinition): Platform {
  if (id === hardenedPlatform) return hardened;
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

/** Rolling: no end is stated. */
const hardened: Platform = {
  id: hardenedPlatform,
  name: `Red Hat Hardened Images ${hardenedVersion}`,
  aliases: [hardenedProduct],
  os: { id: hardenedProduct, version: hardenedVersion },
  packaging: 'rpm',
  life: [],
};

/** Chosen by an image's CPEs, not by its os-release: no system has the ID `redhat-layered`. */
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
