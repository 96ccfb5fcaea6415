import type { Severity } from './severity.ts';
import type { SignedVerdict } from './signed.ts';

/** Open flaws of an image that are not waived. One vulnerability in one source package counts once, as in a scan. */
export interface FlawCounts {
  flaws: Record<Severity, number>;
  exploited: number;
  fixable: number;
  /** Installed packages that could not be judged. */
  uncovered: number;
  /** Waived flaws. The other numbers do not include them. */
  waived: number;
}

/** A name in a fleet with the current data of its image. */
export interface ListedImage {
  reference: string;
  kind: string;
  /** Null if its image was never read. */
  digest: string | null;
  system: string | null;
  /** The platform that it is judged by. Null if there is none. */
  platform: string | null;
  installed: number | null;
  /** Null if it was not judged yet. */
  counts: FlawCounts | null;
  /** Why the last attempt to read it failed. */
  unread: { code: string; message: string } | null;
  /** Why no platform applies to it. */
  uncovered: { code: string; message: string } | null;
  gaps: { code: string; detail: string }[] | null;
  /** The result of its last signature check. Null if none was requested. */
  signed: SignedVerdict | null;
}
