import type { InstalledPackage, ShardClaim, ShardLine } from '../model/index.ts';
import { type Cpe, cpeCovers, parseCpe } from '../versions/cpe.ts';
import type { Shard } from './feed.ts';
import type { RpmContext } from './rpm-context.ts';
import { isModular, modulesOf } from './rpm-module.ts';
import { makeRow, type RowKind, type RpmRow } from './rpm-row.ts';
import type { BuildStream, RpmOutcome } from './rpm-streams.ts';

/** Rows that speak of the same vulnerabilities: judged once for all of them. */
export interface RowGroup {
  rows: readonly RpmRow[];
  ids: readonly string[];
  /** What they were last found to say, and of which stream's build. */
  judged?: { build: BuildStream; outcome: RpmOutcome | undefined };
}

/**
 * Claims of one shard that speak of an installed package, grouped by the vulnerabilities that they share. A binary's
 * claims stand under its name; a source's under SOURCERPM's, and under other sources that the vendor has built the binary
 * from (kernel-rt); one of these may have the binary's own name (containers-common, once built from skopeo).
 */
export function rowGroups(pkg: InstalledPackage, shard: Shard, context: RpmContext): readonly RowGroup[] {
  const source = context.lines.of(shard, pkg.source.name);
  const own = pkg.source.name === pkg.name ? source : context.lines.of(shard, pkg.name);
  const others = (own?.sources ?? []).filter((name) => name !== pkg.source.name && name !== pkg.name);
  const bySourceAlone = own === undefined || own === source;
  if (bySourceAlone)
    return context.lines.groups(shard, pkg, () => groupRows(pkg, shard, context, own, source, others));
  return groupRows(pkg, shard, context, own, source, others);
}

/** Whether rows speak of modules with the package in them, and nothing tells whether it is of one of those. */
export function isOfUnknownModule(pkg: InstalledPackage, shard: Shard, context: RpmContext): boolean {
  if (pkg.module !== undefined || !isModular(pkg)) return false;
  const { lines, enabledModules } = context;
  const spoken = [lines.of(shard, pkg.source.name), lines.of(shard, pkg.name)];
  return modulesOf(pkg, spoken, enabledModules) === undefined;
}

function groupRows(
  pkg: InstalledPackage,
  shard: Shard,
  context: RpmContext,
  own: ShardLine | undefined,
  source: ShardLine | undefined,
  others: readonly string[],
): RowGroup[] {
  const groups = new Grouping();
  const modules = modulesOf(pkg, [own, source], context.enabledModules) ?? [];
  const build: Build = { arch: pkg.arch, modular: isModular(pkg), modules };
  const add = (line: ShardLine | undefined, kind: RowKind) => {
    if (!line) return;
    for (const claim of line.claims) {
      if (isBinary(claim) !== (kind === 'binary') || !speaksOf(claim, build, context)) continue;
      groups.add(makeRow(pkg, claim, kind, shard, line.package));
    }
  };
  add(own, 'binary');
  add(source, 'source');
  if (own !== source) add(own, 'other_source');
  for (const name of others) add(context.lines.of(shard, name), 'other_source');
  return groups.list();
}

interface GroupNode {
  rows: RpmRow[];
  ids: string[];
  next: Map<RpmRow, GroupNode>;
}

/** Follows each vulnerability from row to row: those that went the same way are a group. */
class Grouping {
  readonly #start: GroupNode = { rows: [], ids: [], next: new Map() };
  readonly #places = new Map<string, GroupNode>();

  add(row: RpmRow): void {
    for (const id of row.claim.ids) {
      const from = this.#places.get(id) ?? this.#start;
      let to = from.next.get(row);
      if (!to) {
        to = { rows: [...from.rows, row], ids: [], next: new Map() };
        from.next.set(row, to);
      }
      this.#places.set(id, to);
    }
  }

  list(): RowGroup[] {
    const groups = new Set<GroupNode>();
    for (const [id, node] of this.#places) {
      node.ids.push(id);
      groups.add(node);
    }
    return [...groups];
  }
}

function isBinary({ subject }: ShardClaim): boolean {
  return subject === 'binary';
}

/** What of a build decides whether a claim speaks of it. */
interface Build {
  arch: string;
  modular: boolean;
  /** `name:stream` of the modules that it may be of. */
  modules: readonly string[];
}

function speaksOf(claim: ShardClaim, { arch, modular, modules }: Build, { cpes }: RpmContext): boolean {
  const { channel, module } = claim;
  if (claim.arch && !claim.arch.includes(arch)) return false;
  if (channel?.startsWith('cpe:') && !imageHas(channel, cpes)) return false;
  return module === undefined ? !modular : modules.includes(module);
}

function imageHas(channel: string, cpes: readonly Cpe[]): boolean {
  const statement = parseCpe(channel);
  return statement !== undefined && cpes.some((cpe) => cpeCovers(statement, cpe));
}
