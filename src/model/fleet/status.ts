import type { FleetRunSummary } from './run.ts';

/** News that a receiver has not accepted yet. */
export interface UnsentNews {
  run: number;
  kind: string;
  /** The receiver's address without its path, which some receivers use as a secret. */
  place: string;
  attempts: number;
  error: string | null;
  isOver: boolean;
}

/** The status of a fleet, as `scapfeed fleet status -o json` prints it. */
export interface FleetStatus {
  database: string;
  names: number;
  images: number;
  packages: number;
  /** Names whose image could not be read the last time. */
  unread: number;
  /** Waived flaws, over all images. */
  waived: number;
  /** Number of waivers by state. */
  waivers: { used: number; unused: number; expired: number };
  /** The newest run. Null if there was none. */
  run: {
    number: number;
    /** `open`, `finished`, or `broken` if it was interrupted: its process has ended, and it has not. */
    state: string;
    started: string;
    finished?: string;
    tool: string;
    summary?: FleetRunSummary;
    feed: {
      digest: string;
      created: string;
      signed: boolean;
      sources: readonly { id: string; name: string; updated?: string; failed?: string }[];
      platforms: readonly {
        id: string;
        updated: string;
        statements: number;
        held?: readonly string[];
      }[];
    };
  } | null;
  /** News that a receiver did not accept, newest first. `isOver`: no further attempts are made. */
  unsent: readonly UnsentNews[];
  /** Number of jobs by kind. */
  queue: Readonly<Record<string, { waiting: number; active: number; failed: number }>>;
}
