import type { Severity } from './severity.ts';
import type { SignedVerdict } from './signed.ts';

/** Open flaws of an image that nobody waived: one vulnerability in one source package is one, as in a scan's counts. */
export interface FlawCounts {
  flaws: Record<Severity, number>;
  exploited: number;
  fixable: number;
  /** Installed packages that are not judged. */
  uncovered: number;
  /** Flaws that somebody waived: they are in none of the other numbers. */
  waived: number;
}

/** A name of a fleet with what is known of its image now. */
export interface ListedImage {
  reference: string;
  kind: string;
  /** Null: no image was read of it yet. */
  digest: string | null;
  system: string | null;
  /** The platform that judges it; null: none does. */
  platform: string | null;
  installed: number | null;
  /** Null: it was not judged yet. */
  counts: FlawCounts | null;
  /** Why it could not be read last time. */
  unread: { code: string; message: string } | null;
  /** Why no platform judges it. */
  uncovered: { code: string; message: string } | null;
  gaps: { code: string; detail: string }[] | null;
  /** What its signatures are worth by the policy that was asked for last; null: nobody asked. */
  signed: SignedVerdict | null;
}
