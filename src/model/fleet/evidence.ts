import type { Severity } from '../feed/severity.ts';

/**
 * The state of a fleet's knowledge about one vulnerability at a point in time, as `scapfeed fleet evidence -o json` prints
 * it. Nothing in it is of a later time; lists are in code-unit order of names and in order of time. Dates are ISO 8601, in
 * UTC.
 */
export interface FleetEvidence {
  format: 'scapfeed/fleet-evidence/1';
  vulnerability: string;
  /** The time; without one in the request, the end of the last run. */
  asOf: string;
  /** The last run that had ended then. */
  run: number;
  /** The first run whose results are all kept. Of earlier ones, what ended before it was deleted. */
  keptFrom: number;
  /** Runs up to that time that are kept. */
  nights: EvidenceNight[];
  /** Days on which no run ended, between the first and the last of these nights and up to the time. */
  absent: EvidenceAbsence[];
  /** Images with packages about which there was a verdict. */
  images: EvidenceImage[];
  /** Names that stood for one of these images, with all images that they stood for. */
  names: EvidenceName[];
  /** Names that were looked up then. 0: an empty fleet, which proves nothing. */
  watched: number;
  /** Names whose images may have had the vulnerability, because not all of their packages were judged. */
  unknown: EvidenceUnknown[];
  waivers: EvidenceWaiver[];
  news: EvidenceEvent[];
}

/** A run of a fleet with its feed. */
export interface EvidenceNight {
  run: number;
  started: string;
  finished: string | null;
  /** `broken`: it was interrupted, and its results are those of the next one. */
  state: 'finished' | 'broken';
  tool: string;
  feed: EvidenceFeed | null;
}

/** The feed of a run, with the sources that it was made from. */
export interface EvidenceFeed {
  digest: string;
  created: string;
  signed: boolean;
  sources: { id: string; name: string; updated?: string; failed?: string }[];
}

/** Days in a row, the first and the last included. */
export interface EvidenceAbsence {
  from: string;
  to: string;
  /** `no_run`: none ended; `not_kept`: runs in between were deleted by `fleet prune`. */
  reason: 'no_run' | 'not_kept';
}

/** An image with packages about which there was a verdict. */
export interface EvidenceImage {
  digest: string;
  system: string;
  read: string;
  /** Whether a package had the flaw open at the time. */
  open: boolean;
  /** Waivers in force for the flaw as a whole in this image. */
  waivers: number[];
  packages: EvidencePackage[];
}

/** An installed package with its verdicts in order of time. */
export interface EvidencePackage {
  name: string;
  version: string;
  arch: string;
  source: string;
  verdicts: EvidenceVerdict[];
}

/** A verdict with the runs in which it held. */
export interface EvidenceVerdict {
  from: number;
  /** The first run in which it did not. Null: it held at the time. */
  to: number | null;
  platform: string;
  status: string;
  fixState: string | null;
  fixedVersion: string | null;
  reason: string | null;
  severity: Severity;
  severitySource: string | null;
  exploited: boolean;
  /** Why the default view of a scan leaves it out. */
  hidden: string | null;
  advisories: string[];
}

/** A name in the fleet, with the images that it stood for. */
export interface EvidenceName {
  reference: string;
  /** When it was removed from the fleet. */
  removed: string | null;
  images: { digest: string; since: string; until: string | null; open: boolean }[];
}

/** A name whose image may have had the vulnerability. */
export interface EvidenceUnknown {
  reference: string;
  digest: string | null;
  /** `partly`: some packages are not judged. */
  state: 'unread' | 'waiting' | 'uncovered' | 'partly';
  detail: string;
  /** Of an image judged in part, the codes of its gaps at the time. */
  gaps?: string[];
}

/** A waiver of the vulnerability, in force or ended. */
export interface EvidenceWaiver {
  id: number;
  package: string | null;
  image: string | null;
  reason: string;
  until: string | null;
  author: string;
  created: string;
  ended: string | null;
  endedBy: string | null;
}

/** A line of the news about the vulnerability. */
export interface EvidenceEvent {
  run: number;
  kind: string;
  cause: string;
  package: string | null;
  before: string | null;
  after: string | null;
  detail: string | null;
  /** Digests of the images. */
  images: string[];
}
