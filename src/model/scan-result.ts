import type { Inventory, Layer } from './inventory.ts';
import type { MatchResult, Verdict } from './verdict.ts';

/** Classes that the default view leaves out and counts (brief rule 7). */
export type HiddenClass = 'unimportant' | 'negligible' | 'kernel' | 'unsettled';

export interface ViewedVerdict extends Verdict {
  /** Why the default view does not list it. */
  hidden?: HiddenClass;
}

/** All that one scan has to say: what reports are made from. */
export interface ScanResult {
  tool: string;
  feed: { directory: string; created: string };
  platform: {
    id: string;
    name: string;
    /** Newest vendor data behind the platform's rows. */
    updated: string;
    ageDays: number;
    /** Vendor support phase today, or `end_of_life`. */
    phase: string;
    marks: readonly string[];
  };
  image: {
    reference: string;
    digest?: string;
    architecture?: string;
    layers: readonly Layer[];
  };
  inventory: Pick<Inventory, 'os' | 'databases' | 'notes'> & { packages: number };
  /** In order of severity, package and vulnerability; `affected` and `under_investigation`, and the rest on demand. */
  verdicts: readonly ViewedVerdict[];
  judged: number;
  uncovered: MatchResult['uncovered'];
}
