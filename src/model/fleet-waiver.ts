/** A risk of a fleet that somebody accepted: one vulnerability, or one rule of a profile. */
export interface Waiver {
  id: number;
  /** Null: it is about a rule. */
  vulnerability: string | null;
  /** The whole id of a rule, or what follows `_rule_`. Null: it is about a vulnerability. */
  rule: string | null;
  /** Which installed or source packages: `*` and `?` as in file names. Null: all. */
  package: string | null;
  /** Which images, by the names that stand for them or by digest: `**` crosses slashes. Null: all. */
  image: string | null;
  reason: string;
  /** The last day (UTC) on which it acts; null: it does not end. */
  until: string | null;
  author: string;
}

/** What a waiver is made of: the person and the day are added to it. */
export type WaiverRequest = Partial<
  Record<'vulnerability' | 'rule' | 'package' | 'image' | 'until', string>
> & {
  reason: string;
};

/** `used`: it puts something aside; `expired`: its day is over, and it acts no more; `ended`: somebody took it back. */
export type WaiverState = 'used' | 'unused' | 'expired' | 'ended';

/** `scapfeed fleet waivers -o json`. */
export interface ListedWaiver extends Waiver {
  created: string;
  ended: string | null;
  endedBy: string | null;
  state: WaiverState;
  /** Flaws, or failing rules, that it puts aside in all images together, each once; of one that acts no more, those that it would. */
  flaws: number;
  /** Watched images that have them. */
  images: number;
}
