import type { Shard } from '../../../feed/read/feed.ts';
import { kindOf } from '../../../feed/read/shard-records.ts';
import type { ClaimKind, InstalledPackage, PackageRecord, StoredClaim } from '../../../model/index.ts';
import { type RowGroup, RowGroups } from '../../shared/row-groups.ts';
import type { RpmContext } from './context.ts';
import { type Cpe, cpeCovers, parseCpe } from './cpe.ts';
import { isModular, modulesOf } from './module.ts';
import { type RowKind, RowPlace, RpmRow } from './row.ts';

/**
 * Claims of one shard that speak of an installed package, grouped by the vulnerabilities that they share. A binary's
 * claims stand under its name; a source's under SOURCERPM's, and under other sources that the vendor has built the binary
 * from (kernel-rt); one of these may have the binary's own name (containers-common, once built from skopeo).
 */
export function rowGroups(
  pkg: InstalledPackage,
  shard: Shard,
  context: RpmContext,
): readonly RowGroup<RpmRow>[] {
  const { records } = context;
  const source = records.of(shard, pkg.source.name);
  const own = pkg.source.name === pkg.name ? source : records.of(shard, pkg.name);
  const groups = new RowGroups<RpmRow>(shard.tables);
  const build = {
    arch: pkg.arch,
    modular: isModular(pkg),
    modules: modulesOf(pkg, [own, source], context) ?? [],
  };
  const add = (record: PackageRecord | undefined, kind: RowKind) => {
    if (!record) return;
    const place = new RowPlace(pkg, shard, record.package, kind);
    const { claims } = record;
    for (let at = 0; at < claims.length; at++) {
      const claim = claims[at]!;
      const claimKind = kindOf(claim, shard.tables);
      if ((claimKind.subject === 'binary') !== (kind === 'binary')) continue;
      if (speaksOf(claim, claimKind, build, context)) groups.add(new RpmRow(claim, claimKind, place));
    }
  };
  add(own, 'binary');
  add(source, 'source');
  if (own !== source) add(own, 'other_source');
  for (const name of own?.sources ?? []) {
    if (name !== pkg.source.name && name !== pkg.name) add(records.of(shard, name), 'other_source');
  }
  return groups.list();
}

/** Whether rows speak of the binary package by its own name, and not only of its source. */
export function hasRowsOfItsOwn(pkg: InstalledPackage, shard: Shard, { records }: RpmContext): boolean {
  const own = records.of(shard, pkg.name);
  if (own === undefined) return false;
  if (pkg.name !== pkg.source.name || own.sources !== undefined) return true;
  return own.claims.some((claim) => kindOf(claim, shard.tables).subject === 'binary');
}

/** Whether rows speak of modules with the package in them, and nothing tells whether it is of one of those. */
export function isOfUnknownModule(pkg: InstalledPackage, shard: Shard, context: RpmContext): boolean {
  if (pkg.module !== undefined || !isModular(pkg)) return false;
  const { records } = context;
  const spoken = [records.of(shard, pkg.source.name), records.of(shard, pkg.name)];
  return modulesOf(pkg, spoken, context) === undefined;
}

/** What of a build decides whether a claim speaks of it. */
interface Build {
  arch: string;
  modular: boolean;
  /** `name:stream` of the modules that it may be of. */
  modules: readonly string[];
}

function speaksOf(
  { module }: StoredClaim,
  { arch, channel }: ClaimKind,
  build: Build,
  { cpes }: RpmContext,
): boolean {
  if (arch && !arch.includes(build.arch)) return false;
  if (channel?.startsWith('cpe:') && !imageHas(channel, cpes)) return false;
  return module === undefined ? !build.modular : build.modules.includes(module);
}

function imageHas(channel: string, cpes: readonly Cpe[]): boolean {
  const statement = parseCpe(channel);
  return statement !== undefined && cpes.some((cpe) => cpeCovers(statement, cpe));
}
