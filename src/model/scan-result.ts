import type { Inventory, InventoryNote, incompleteDatabase, Layer } from './inventory.ts';
import type { MatchResult, Verdict } from './verdict.ts';

/** Classes that the default view leaves out and counts: nobody has to act on them now. */
export type HiddenClass = 'unimportant' | 'negligible' | 'kernel' | 'unsettled';

export interface ViewedVerdict extends Verdict {
  /** Why the default view does not list it. */
  hidden?: HiddenClass;
}

/** Where a result's data is from, and why it may be believed. */
export interface FeedOrigin {
  directory: string;
  created: string;
  /** What named it: --feed, SCAPFEED_FEED, the last pull, or the lack of all three. */
  chosen: 'option' | 'environment' | 'pulled' | 'working_directory';
  /** A pull brought it, which checked its signatures from the publisher's root to the last byte. */
  signed: boolean;
}

/**
 * Why a judgement is not about the whole of an image: its release is past its end and gets no statements any more, its
 * package database lists fewer packages than it declares, or packages are not covered. An image with a gap is not clean.
 */
export interface Gap {
  code: 'end_of_life' | typeof incompleteDatabase | 'uncovered_packages';
  where?: string;
  detail: string;
}

/** What a feed says of an inventory. Clean is only what has neither flaws nor gaps. */
export interface Judgement {
  platform: {
    id: string;
    name: string;
    /** Newest vendor data behind the platform's rows. */
    updated: string;
    ageDays: number;
    /** Vendor support phase on the day of the judgement, or `end_of_life`. */
    phase: string;
    marks: readonly string[];
  };
  /** In order of severity, package and vulnerability; `affected` and `under_investigation`, and the rest on demand. */
  verdicts: readonly ViewedVerdict[];
  /** How many of them are affected, not hidden, and not rated by the vendor: no threshold of severity finds these. */
  unrated: number;
  judged: number;
  uncovered: MatchResult['uncovered'];
  /** What could not be looked up. */
  notes: readonly InventoryNote[];
  gaps: readonly Gap[];
}

/** All that one scan has to say: what reports are made from. */
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
}

/** A flaw that the vendor has not rated; `unimportant` is a rating. */
export function isUnrated({ status, severity, suppressed }: ViewedVerdict): boolean {
  return status === 'affected' && severity === 'unknown' && suppressed === undefined;
}
