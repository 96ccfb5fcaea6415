import type { Shard } from '../../../feed/read/feed.ts';
import { claimIds, kindOf } from '../../../feed/read/shard-records.ts';
import type { ClaimKind, InstalledPackage, PackageRecord, StoredClaim } from '../../../model/index.ts';
import type { RpmContext } from './context.ts';
import { type Cpe, cpeCovers, parseCpe } from './cpe.ts';
import { isModular, modulesOf } from './module.ts';
import { type RowKind, RowPlace, RpmRow } from './row.ts';

/** Rows that speak of the same vulnerabilities: judged once for all of them. */
export interface RowGroup {
  rows: readonly RpmRow[];
  ids: readonly string[];
}

/**
 * Claims of one shard that speak of an installed package, grouped by the vulnerabilities that they share. A binary's
 * claims stand under its name; a source's under SOURCERPM's, and under other sources that the vendor has built the binary
 * from (kernel-rt); one of these may have the binary's own name (containers-common, once built from skopeo).
 */
export function rowGroups(pkg: InstalledPackage, shard: Shard, context: RpmContext): readonly RowGroup[] {
  const { records } = context;
  const source = records.of(shard, pkg.source.name);
  const own = pkg.source.name === pkg.name ? source : records.of(shard, pkg.name);
  const groups = new Grouping(shard);
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

/** Rows that the same vulnerabilities went through, in their order. */
class Group implements RowGroup {
  readonly rows: readonly RpmRow[];
  readonly ids: string[] = [];
  /** The group of those that go on to the row that is being added. */
  #next: Group | undefined;

  constructor(rows: readonly RpmRow[]) {
    this.rows = rows;
  }

  with(row: RpmRow): Group {
    if (this.#next?.rows.at(-1) !== row) this.#next = new Group(this.rows.concat(row));
    return this.#next!;
  }
}

/** Follows each vulnerability from row to row: those that went the same way are a group. */
class Grouping {
  readonly #shard: Shard;
  readonly #places = new Map<string, Group>();

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  add(row: RpmRow): void {
    const ids = claimIds(row.claim.ids, this.#shard.tables);
    let first: Group | undefined;
    for (let at = 0; at < ids.length; at++) {
      const id = ids[at]!;
      const group = this.#places.get(id);
      if (group) this.#places.set(id, group.with(row));
      else {
        first ??= new Group([row]);
        this.#places.set(id, first);
      }
    }
  }

  list(): readonly RowGroup[] {
    const groups: Group[] = [];
    this.#places.forEach((group, id) => {
      if (group.ids.length === 0) groups.push(group);
      group.ids.push(id);
    });
    return groups;
  }
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
