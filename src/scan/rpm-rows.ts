import type { InstalledPackage, ShardClaim, ShardLine } from '../model/index.ts';
import { type Cpe, cpeCovers, parseCpe } from '../versions/cpe.ts';
import { compareRpmEvr } from '../versions/rpm.ts';
import type { Shard } from './feed.ts';
import type { RpmContext } from './rpm-context.ts';

/** A claim that speaks of an installed package, with the version of it that the claim compares. */
export interface RpmRow {
  claim: ShardClaim;
  shard: Shard;
  /** The claim names the binary itself and not its source. */
  binary: boolean;
  /** The package name that the claim stands under. */
  name: string;
  /** Order of the installed version and the claim's fix; compared when asked for, as most claims are of other streams. */
  order(): -1 | 0 | 1;
}

/**
 * Claims of one shard that speak of an installed package, by vulnerability. A binary's claims stand under its name; a
 * source's under SOURCERPM's, and under other sources that the vendor has built the binary from (kernel-rt).
 */
export function rowsOf(pkg: InstalledPackage, shard: Shard, context: RpmContext): Map<string, RpmRow[]> {
  const own = shard.package(pkg.name);
  const source = pkg.source.name === pkg.name ? own : shard.package(pkg.source.name);
  const others = (own?.sources ?? []).filter((name) => name !== pkg.source.name && name !== pkg.name);
  const rows = new Map<string, RpmRow[]>();
  const add = (line: ShardLine | undefined, kind: RowKind) => {
    for (const claim of line?.claims ?? []) {
      if (isBinary(claim) !== (kind === 'binary') || !speaksOf(claim, pkg, context)) continue;
      const row = makeRow(pkg, claim, kind, shard, line!.package);
      for (const id of claim.ids) {
        const known = rows.get(id);
        if (known) known.push(row);
        else rows.set(id, [row]);
      }
    }
  };
  add(own, 'binary');
  add(source, 'source');
  for (const name of others) add(shard.package(name), 'other_source');
  return rows;
}

type RowKind = 'binary' | 'source' | 'other_source';

function isBinary({ subject }: ShardClaim): boolean {
  return subject === 'binary';
}

function speaksOf(claim: ShardClaim, pkg: InstalledPackage, context: RpmContext): boolean {
  const { module, arch, channel } = claim;
  if (arch && !arch.includes(pkg.arch)) return false;
  if (channel?.startsWith('cpe:') && !imageHas(channel, context.cpes)) return false;
  return module === undefined ? !isModular(pkg) : isOfModule(pkg, module, context);
}

function imageHas(channel: string, cpes: readonly Cpe[]): boolean {
  const statement = parseCpe(channel);
  return statement !== undefined && cpes.some((cpe) => cpeCovers(statement, cpe));
}

function isModular({ module, version }: InstalledPackage): boolean {
  return module !== undefined || /\.module[+_]el\d/.test(version);
}

/** By MODULARITYLABEL; the first modular builds of RHEL 8 lack it, and then what dnf has enabled tells. */
function isOfModule(pkg: InstalledPackage, module: string, { enabledModules }: RpmContext): boolean {
  if (pkg.module !== undefined) return pkg.module === module;
  return isModular(pkg) && enabledModules.includes(module);
}

function makeRow(
  pkg: InstalledPackage,
  claim: ShardClaim,
  kind: RowKind,
  shard: Shard,
  name: string,
): RpmRow {
  let order: -1 | 0 | 1 | undefined;
  return {
    claim,
    shard,
    binary: kind === 'binary',
    name,
    order: () => (order ??= orderOf(pkg, claim, kind)),
  };
}

/**
 * A binary's fix compares whole EVRs. A source's compares version and release of SOURCERPM, which has no epoch:
 * perl-Errno has epoch 0 in a source of epoch 4 (verdict-rules 1). Under another source the binary's own EVR stands.
 * The compiler lets no fix pass that cannot be parsed; an installed version that cannot is never called fixed.
 */
function orderOf(pkg: InstalledPackage, { fixed }: ShardClaim, kind: RowKind): -1 | 0 | 1 {
  const installed = kind === 'source' ? withoutEpoch(pkg.source.version) : pkg.version;
  return compareRpmEvr(installed, kind === 'source' ? withoutEpoch(fixed!) : fixed!) ?? -1;
}

function withoutEpoch(evr: string): string {
  return evr.slice(evr.indexOf(':') + 1);
}
