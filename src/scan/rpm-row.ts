import type { InstalledPackage, ShardClaim } from '../model/index.ts';
import { compareRpmEvrs, type RpmEvr } from '../versions/rpm.ts';
import type { Shard } from './feed.ts';

/** A claim that speaks of an installed package, with the version of it that the claim compares. */
export interface RpmRow {
  claim: ShardClaim;
  shard: Shard;
  /** The claim names the binary itself and not its source. */
  binary: boolean;
  /** The claim names a source that the vendor has built the binary from, but not this build of it. */
  otherSource: boolean;
  /** The package name that the claim stands under. */
  name: string;
  /** Order of the installed version and the claim's fix; compared when asked for, as most claims are of other streams. */
  order(): -1 | 0 | 1;
}

/** What the claim's package is to the installed one. */
export type RowKind = 'binary' | 'source' | 'other_source';

export function makeRow(
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
    otherSource: kind === 'other_source',
    name,
    order() {
      order ??= orderOf(pkg, claim, kind);
      return order;
    },
  };
}

/**
 * A binary's fix compares whole EVRs. A source's compares version and release of SOURCERPM, which has no epoch:
 * perl-Errno has epoch 0 in a source of epoch 4 (verdict-rules 1). Under another source the binary's own EVR stands.
 */
function orderOf(pkg: InstalledPackage, { fixed }: ShardClaim, kind: RowKind): -1 | 0 | 1 {
  const installed = split(kind === 'source' ? pkg.source.version : pkg.version);
  const fix = split(fixed!);
  if (kind === 'source') {
    installed.epoch = '';
    fix.epoch = '';
  }
  return compareRpmEvrs(installed, fix);
}

/** The parts of an EVR. Both sides were checked before: the installed one by the matcher, the fix by the compiler. */
function split(evr: string): RpmEvr {
  const colon = evr.indexOf(':');
  const dash = evr.lastIndexOf('-');
  return {
    epoch: colon === -1 ? '' : evr.slice(0, colon),
    version: evr.slice(colon + 1, dash),
    release: evr.slice(dash + 1),
  };
}
