import type { Shard } from '../../../feed/read/feed.ts';
import { kindOf } from '../../../feed/read/shard-records.ts';
import type { ClaimKind, PackageRecord, StoredClaim } from '../../../model/feed/index.ts';
import type { InstalledPackage } from '../../../model/inventory/index.ts';
import { compareRpmEvrs, type RpmEvr } from '../../../packaging/rpm/version.ts';
import type { Flavour } from '../../rebuilds.ts';
import { type RowGroup, RowGroups } from '../row-groups.ts';
import { rowsFor } from './architectures.ts';
import type { RpmContext } from './context.ts';
import { type Cpe, cpeCovers, parseCpe } from './cpe.ts';
import { flavourOf } from './flavour.ts';
import type { GatheredShard } from './gather.ts';
import { ofOneStream } from './line.ts';
import { isModular } from './module.ts';
import type { RowKind, StreamRow } from './threshold.ts';

/** A line with claims for an installed package, and the version of it that they compare. */
class RowPlace {
  readonly shard: Shard;
  /** The package name of the line. */
  readonly name: string;
  readonly kind: RowKind;
  readonly #pkg: InstalledPackage;
  /** Parts of the installed version. */
  #parts: RpmEvr | undefined;
  #withoutEpoch = false;

  constructor(pkg: InstalledPackage, shard: Shard, name: string, kind: RowKind) {
    this.#pkg = pkg;
    this.shard = shard;
    this.name = name;
    this.kind = kind;
  }

  /**
   * A binary's fix compares whole EVRs. A source's compares version and release of SOURCERPM, which has no epoch:
   * perl-Errno has epoch 0 in a source of epoch 4. For another source the binary's own EVR is compared. A vendor may name
   * its fixes without epochs (SUSE).
   */
  orderOf(fixed: string): -1 | 0 | 1 {
    const withoutEpoch = this.kind === 'source' || !fixed.includes(':');
    if (!this.#parts || this.#withoutEpoch !== withoutEpoch) {
      this.#parts = split(this.installed, withoutEpoch);
      this.#withoutEpoch = withoutEpoch;
    }
    return compareRpmEvrs(this.#parts, split(fixed, withoutEpoch));
  }

  /** The installed version that is compared. */
  get installed(): string {
    return this.kind === 'source' ? this.#pkg.source.version : this.#pkg.version;
  }
}

/** A claim that applies to an installed package. */
export class RpmRow implements StreamRow {
  readonly claim: StoredClaim;
  /** The fields that the claim shares with others. */
  readonly kind: ClaimKind;
  readonly place: RowPlace;

  constructor(claim: StoredClaim, kind: ClaimKind, place: RowPlace) {
    this.claim = claim;
    this.kind = kind;
    this.place = place;
  }

  /** Order of the installed version and the claim's fix; compared on demand, because most fixes are of other streams. */
  order(): -1 | 0 | 1 {
    return this.place.orderOf(this.claim.fixed!);
  }
}

/** The parts of an EVR. Both sides were checked before: the installed one by the matcher, the fix by the compiler. */
function split(evr: string, withoutEpoch: boolean): RpmEvr {
  const colon = evr.indexOf(':');
  const dash = evr.lastIndexOf('-');
  return {
    epoch: colon === -1 || withoutEpoch ? '' : evr.slice(0, colon),
    version: evr.slice(colon + 1, dash),
    release: evr.slice(dash + 1),
  };
}

/**
 * Claims of one shard for an installed package, grouped by the vulnerabilities that they share. They are in the line of the
 * binary's name, of SOURCERPM's name, and of other sources that the vendor has built the binary from (kernel-rt); one of
 * these may have the binary's own name (containers-common, once built from skopeo).
 */
export function rowGroups(
  pkg: InstalledPackage,
  { shard, own, source, modules = [], line }: GatheredShard,
  context: RpmContext,
): readonly RowGroup<RpmRow>[] {
  const groups = new RowGroups<RpmRow>(shard.tables);
  const { flavours } = context.vendor;
  const flavour = flavourOf(pkg.version, flavours);
  const build: Build = { modular: isModular(pkg), modules, cpes: context.cpes, flavour, flavours };
  let limited = false;
  const add = (record: PackageRecord | undefined, kind: RowKind) => {
    if (!record) return;
    const place = new RowPlace(pkg, shard, record.package, kind);
    const { claims } = record;
    for (let at = 0; at < claims.length; at++) {
      const claim = claims[at]!;
      const claimKind = kindOf(claim, shard.tables);
      if ((claimKind.subject === 'binary') !== (kind === 'binary')) continue;
      if (line && 'channels' in line && !line.channels.has(claimKind.channel)) continue;
      if (!appliesTo(claim, claimKind, build)) continue;
      if (claimKind.arch) limited = true;
      groups.add(new RpmRow(claim, context.vendor.lines ? ofOneStream(claimKind) : claimKind, place));
    }
  };
  add(own, 'binary');
  add(source, 'source');
  if (own !== source) add(own, 'other_source');
  for (const name of own?.sources ?? []) {
    if (name !== pkg.source.name && name !== pkg.name) add(context.records.of(shard, name), 'other_source');
  }
  if (!limited) return groups.list();
  return groups.list().flatMap(({ rows, ids }) => {
    const own = rowsFor(rows, pkg.arch);
    return own.length === 0 ? [] : [{ rows: own, ids }];
  });
}

/** Facts that decide whether a claim applies to a build, besides its architecture. */
interface Build {
  modular: boolean;
  modules: readonly string[];
  /** CPEs of the image. */
  cpes: readonly Cpe[];
  /** Undefined: a plain one. */
  flavour: string | undefined;
  flavours: readonly Flavour[] | undefined;
}

function appliesTo({ module, fixed }: StoredClaim, { channel }: ClaimKind, build: Build): boolean {
  if (build.flavours && fixed !== undefined && flavourOf(fixed, build.flavours) !== build.flavour)
    return false;
  if (channel?.startsWith('cpe:') && !imageHas(channel, build.cpes)) return false;
  return module === undefined ? !build.modular : build.modules.includes(module);
}

function imageHas(channel: string, cpes: readonly Cpe[]): boolean {
  const statement = parseCpe(channel);
  return statement !== undefined && cpes.some((cpe) => cpeCovers(statement, cpe));
}
