import type { Exceptions, Ignored } from './exception.ts';
import type {
  Inventory,
  InventoryNote,
  incompleteDatabase,
  Layer,
  UnjudgedPackages,
  unreadContext,
} from './inventory.ts';
import type { MatchResult, Verdict } from './verdict.ts';

/** Classes of verdicts that need no action: the default view hides them and prints how many there are. */
export type HiddenClass = 'unimportant' | 'negligible' | 'kernel' | 'unsettled';

export interface ViewedVerdict extends Verdict {
  /** Why the default view does not list it. */
  hidden?: HiddenClass;
  /** It is put aside by an exception that the user gave: no gate counts it. */
  ignored?: Ignored;
}

/** Where a result's data comes from, and whether it is signed. */
export interface FeedOrigin {
  directory: string;
  created: string;
  /** How it was chosen: --feed, SCAPFEED_FEED, the last pull, or none of the three. */
  chosen: 'option' | 'environment' | 'pulled' | 'working_directory';
  /** A pull fetched it and checked its signatures from the publisher's root to the last byte. */
  signed: boolean;
}

/**
 * A reason why a result does not describe the whole image: its release is past its end of life and gets no statements any
 * more, its package database lists fewer packages than it declares, or packages are not covered. An image with a gap is
 * not clean.
 */
export interface Gap {
  code: 'end_of_life' | typeof incompleteDatabase | typeof unreadContext | 'uncovered_packages';
  where?: string;
  detail: string;
}

/** The result of judging an inventory by a feed. An image is clean only if it has neither flaws nor gaps. */
export interface Judgement {
  platform: {
    id: string;
    name: string;
    /** Date of the newest vendor data for the platform. */
    updated: string;
    ageDays: number;
    /** Vendor support phase on the day of the judgement, or `end_of_life`. */
    phase: string;
    marks: readonly string[];
  };
  /** Sorted by severity, package and vulnerability: `affected` and `under_investigation`, others only on request. */
  verdicts: readonly ViewedVerdict[];
  /** How many of them are affected, not hidden, and not rated by the vendor: no severity threshold finds these. */
  unrated: number;
  judged: number;
  uncovered: MatchResult['uncovered'];
  /** What could not be looked up. */
  notes: readonly InventoryNote[];
  gaps: readonly Gap[];
}

/** The result of one scan, from which reports are made. */
export interface ScanResult extends Omit<Judgement, 'notes'> {
  tool: string;
  feed: FeedOrigin;
  image: {
    reference: string;
    digest?: string;
    architecture?: string;
    layers: readonly Layer[];
  };
  inventory: Pick<Inventory, 'os' | 'databases' | 'notes'> & { packages: number };
  /** Packages that no feed judges, such as those of languages, by ecosystem. */
  unjudged: readonly UnjudgedPackages[];
  /** What became of the policy file, VEX documents and baseline that were given. */
  exceptions?: Exceptions;
}

/** What the user's policy makes of a scan. Flaws are counted: one vulnerability in one source package. */
export interface PolicyOutcome {
  /** What was asked for, in the words of the command line; null: no gate. */
  failOn: string | null;
  failOnUnrated: boolean;
  failOnUnknown: boolean;
  allowUncovered: boolean;
  /** Flaws at or above `failOn`. */
  failing: number;
  /** Others without a vendor rating, which fail only with `failOnUnrated`. */
  unrated: number;
  /** Flaws that the vendor has not looked into; counted only with `failOnUnknown`. */
  unsettled: number;
  /** What the scan ends with: 0 fine, 1 flaws, 4 not covered. */
  exitCode: 0 | 1 | 4;
}

/** A flaw that the vendor has not rated; `unimportant` is a rating. */
export function isUnrated({ status, severity, suppressed }: ViewedVerdict): boolean {
  return status === 'affected' && severity === 'unknown' && suppressed === undefined;
}
