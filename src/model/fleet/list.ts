import type { Severity } from '../feed/severity.ts';
import type { SignedVerdict } from '../verdict/signed.ts';

/** Open flaws of an image that are not waived. One vulnerability in one source package counts once, as in a scan. */
export interface FlawCounts {
  flaws: Record<Severity, number>;
  exploited: number;
  fixable: number;
  /** Installed packages that could not be judged, and those that were. */
  uncovered: number;
  judged: number;
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
  /** Why the image is not known as a whole, as in a scan; packages without data are in `counts`. Null: it was never read. */
  gaps: FleetGap[] | null;
  /** Packages of ecosystems that the feed does not judge. */
  unjudged: number;
  halfInstalled: number;
  /** Owners by the rules of the fleet's policy, in code-unit order; empty: no rule matches. */
  owners: string[];
  /** Open flaws, not waived, whose last day by the fleet's SLA is over. Null: no SLA is kept, or nothing is judged. */
  overdue: number | null;
  /** The earliest last day (UTC) of an open flaw. Null: none has one. */
  due: string | null;
  /** Its base image, or why it is not known. Null: the last run did not compare images with their bases. */
  base: { reference: string; digest?: string } | { unknown: string } | null;
  /** The result of its last signature check. Null if none was requested. */
  signed: SignedVerdict | null;
  state: ImageState;
}

/** A reason why an image is not known as a whole. */
export interface FleetGap {
  code: string;
  detail: string;
}

/**
 * States of the image behind a name, the least known first. `uncovered`: no platform judges it, or none of its packages has data.
 * `partly`: not all of it is judged. None of them is `clean`.
 */
export const imageStates = ['unread', 'waiting', 'uncovered', 'partly', 'judged'] as const;

/** The state of the image behind a name. */
export type ImageState = (typeof imageStates)[number];

type Known = Pick<
  ListedImage,
  'digest' | 'counts' | 'unread' | 'platform' | 'uncovered' | 'gaps' | 'unjudged' | 'halfInstalled'
>;

/** The state of the image behind a name, on which lists, pages, metrics and exit codes depend. */
export function imageStateOf(name: Known): ImageState {
  const { digest, counts, unread, platform, uncovered, unjudged } = name;
  if (unread) return 'unread';
  if (digest === null) return 'waiting';
  if (uncovered) return 'uncovered';
  // No run has looked at it yet.
  if (!counts || platform === null) return 'waiting';
  if (knownCounts(name) === null) return 'uncovered';
  return gapsOfImage(name).length + unjudged > 0 ? 'partly' : 'judged';
}

/** The gaps that a scan of the image would have, so that both end alike. */
export function gapsOfImage({
  gaps,
  counts,
  halfInstalled,
}: Pick<Known, 'gaps' | 'counts' | 'halfInstalled'>): FleetGap[] {
  const without = (counts?.uncovered ?? 0) + halfInstalled;
  return [
    ...(gaps ?? []),
    ...(without > 0 ? [{ code: 'uncovered_packages', detail: `${without} without data in this feed` }] : []),
  ];
}

/** The flaws of an image. Null: none of its packages is judged, and no number is meaningful, a zero least of all. */
export function knownCounts({ counts, platform }: Pick<Known, 'counts' | 'platform'>): FlawCounts | null {
  return platform === null || counts === null || (counts.judged === 0 && counts.uncovered > 0)
    ? null
    : counts;
}
