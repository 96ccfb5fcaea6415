import type { Shard } from '../../../feed/read/feed.ts';
import type { ClaimKind, InstalledPackage, StoredClaim } from '../../../model/index.ts';
import { compareRpmEvrs, type RpmEvr } from '../../../packaging/rpm/version.ts';

/** What the package that a claim names is to the installed one. */
export type RowKind =
  | 'binary'
  | 'source'
  /** A source that the vendor has built the binary from, but not this build of it. */
  | 'other_source';

/** Where claims stand that speak of an installed package, and which version of it they compare. */
export class RowPlace {
  readonly shard: Shard;
  /** The package name that the claims stand under. */
  readonly name: string;
  readonly kind: RowKind;
  readonly #pkg: InstalledPackage;
  #installed: RpmEvr | undefined;

  constructor(pkg: InstalledPackage, shard: Shard, name: string, kind: RowKind) {
    this.#pkg = pkg;
    this.shard = shard;
    this.name = name;
    this.kind = kind;
  }

  /**
   * A binary's fix compares whole EVRs. A source's compares version and release of SOURCERPM, which has no epoch:
   * perl-Errno has epoch 0 in a source of epoch 4 (verdict-rules 1). Under another source the binary's own EVR stands.
   */
  orderOf(fixed: string): -1 | 0 | 1 {
    const ofSource = this.kind === 'source';
    this.#installed ??= split(ofSource ? this.#pkg.source.version : this.#pkg.version, ofSource);
    return compareRpmEvrs(this.#installed, split(fixed, ofSource));
  }
}

/** A claim that speaks of an installed package. */
export class RpmRow {
  readonly claim: StoredClaim;
  /** What the claim shares with others; all that is not its own. */
  readonly kind: ClaimKind;
  readonly place: RowPlace;

  constructor(claim: StoredClaim, kind: ClaimKind, place: RowPlace) {
    this.claim = claim;
    this.kind = kind;
    this.place = place;
  }

  get isBinary(): boolean {
    return this.place.kind === 'binary';
  }

  /** Order of the installed version and the claim's fix; compared when asked for, as most claims are of other streams. */
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
