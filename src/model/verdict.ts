import type { InstalledPackage, InventoryNote } from './inventory.ts';
import type { Severity } from './severity.ts';
import type { Claim, FixState, Status } from './statement.ts';

/** Statement x installed package. `fixed` and `not_affected` verdicts are made only when asked for. */
export interface Verdict {
  vulnerability: string;
  platform: string;
  package: InstalledPackage;
  status: Status;
  /** Present exactly when status is `affected`. */
  fixState?: FixState;
  /** The version to install (`available`), or that another channel has (`other_channel`). */
  fixedVersion?: string;
  reason?: string;
  severity: Severity;
  suppressed?: Claim['suppressed'];
  advisories: readonly string[];
  marks: readonly string[];
  channel?: string;
  /** `INPUT#POINTER` with the placeholders filled in. */
  evidence: string;
}

/** Why an installed package got no verdict at all. `undecidable`: rows speak of it, and too little is known of it. */
export type Uncovered =
  | 'not_covered'
  | 'other_origin'
  | 'unparsable_version'
  | 'half_installed'
  | 'undecidable';

export interface UncoveredPackage {
  package: InstalledPackage;
  reason: Uncovered;
  detail?: string;
}

/** What matching an inventory against a shard gives: every installed package is judged or listed as uncovered. */
export interface MatchResult {
  verdicts: Verdict[];
  /** Packages that the platform's data speaks for, flawed or not. */
  judged: number;
  uncovered: UncoveredPackage[];
  /** What could not be looked up at all. */
  notes: InventoryNote[];
}

export interface SeverityCount {
  severity: Severity;
  count: number;
}
