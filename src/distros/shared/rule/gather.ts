import type { Shard } from '../../../feed/read/feed.ts';
import { kindOf } from '../../../feed/read/shard-records.ts';
import type { PackageRecord } from '../../../model/feed/index.ts';
import type { InstalledPackage } from '../../../model/inventory/index.ts';
import { labelMinor, tagMinor } from './build-tags.ts';
import type { RpmContext } from './context.ts';
import { type BuildLine, buildLine } from './line.ts';
import { modulesOf } from './module.ts';
import { type RpmOrigin, rpmOrigin } from './origin.ts';
import type { BuildStream } from './threshold.ts';

/** Everything that decides about an installed package, gathered before anything is decided. */
export interface GatheredPackage {
  pkg: InstalledPackage;
  origin: RpmOrigin;
  stream: BuildStream;
  /** RHEL's first; those of layered products are preferred to it. */
  shards: readonly GatheredShard[];
}

/** Lines of a shard under a package's names. */
export interface ShardRecords {
  shard: Shard;
  /** Under the binary package's own name. */
  own: PackageRecord | undefined;
  /** Under the name of SOURCERPM. */
  source: PackageRecord | undefined;
}

export interface GatheredShard extends ShardRecords {
  /** `name:stream` of the modules that it may belong to; undefined: there are rows with modules, and its module is unknown. */
  modules: readonly string[] | undefined;
  /** Undefined: the rows of every channel may apply. */
  line: BuildLine | undefined;
}

/** The records of RHEL's shard and of those of the layered products that the image's CPEs name. */
export function recordsOf(
  { name, source }: InstalledPackage,
  { shards, records }: RpmContext,
): ShardRecords[] {
  return shards.map((shard) => {
    const ofSource = records.of(shard, source.name);
    return { shard, source: ofSource, own: name === source.name ? ofSource : records.of(shard, name) };
  });
}

/** True if there are rows for the binary package's own name, and not only for its source. */
export function hasRowsOfItsOwn(
  { name, source }: InstalledPackage,
  records: readonly ShardRecords[],
): boolean {
  return records.some(({ shard, own }) => {
    if (own === undefined) return false;
    if (name !== source.name || own.sources !== undefined) return true;
    return own.claims.some((claim) => kindOf(claim, shard.tables).subject === 'binary');
  });
}

export function gather(
  pkg: InstalledPackage,
  records: readonly ShardRecords[],
  context: RpmContext,
): GatheredPackage {
  return {
    pkg,
    origin: rpmOrigin(pkg, context.vendor, context.mapped),
    stream: buildStream(pkg, context),
    shards: records.map(({ shard, own, source }) => {
      const line = context.vendor.lines && buildLine(pkg.version, own, shard.tables);
      return { shard, own, source, modules: modulesOf(pkg, [own, source], context), line };
    }),
  };
}

/** Minor of an installed build: by its dist tag, for a modular one by MODULARITYLABEL, otherwise that of the image. */
function buildStream(pkg: InstalledPackage, { major, minor }: RpmContext): BuildStream {
  const own =
    pkg.module === undefined ? tagMinor(pkg.version, major) : labelMinor(pkg.modularityLabel, major);
  return own === undefined ? { minor, own: false } : { minor: own, own: true };
}
