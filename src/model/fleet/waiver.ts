/** A waiver in a fleet: an accepted risk, for one vulnerability or one rule of a profile. */
export interface Waiver {
  id: number;
  /** Null if it is about a rule. */
  vulnerability: string | null;
  /** The full id of a rule, or the part after `_rule_`. Null if it is about a vulnerability. */
  rule: string | null;
  /** A glob (`*`, `?`) for installed or source packages. Null: all. */
  package: string | null;
  /** A glob for image names or digests; `**` also matches slashes. Null: all. */
  image: string | null;
  /** It acts in images of this owner only. Null: of any. */
  owner: string | null;
  reason: string;
  /** The last day (UTC) on which it is in force. Null: no end. */
  until: string | null;
  author: string;
}

/** A waiver as it is requested; the person and the day are added to it. */
export type WaiverRequest = Partial<
  Record<'vulnerability' | 'rule' | 'package' | 'image' | 'owner' | 'until', string>
> & {
  reason: string;
};

/** `used`: it covers something; `expired`: its last day is over and it is no longer in force; `ended`: a person ended it. */
export type WaiverState = 'used' | 'unused' | 'expired' | 'ended';

/** A waiver and what it covers, as `scapfeed fleet waivers -o json` prints it. */
export interface ListedWaiver extends Waiver {
  created: string;
  ended: string | null;
  endedBy: string | null;
  state: WaiverState;
  /**
   * Number of flaws or failing rules that it covers, each counted once over all images. If no longer in force: those it would
   * cover.
   */
  flaws: number;
  /** Number of watched images that have them. */
  images: number;
}
