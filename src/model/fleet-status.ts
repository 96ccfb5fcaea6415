import type { FleetRunSummary } from './fleet-run.ts';

/** News that a receiver has not taken yet. */
export interface UnsentNews {
  run: number;
  kind: string;
  /** An address without its path, which is a secret of some receivers. */
  place: string;
  attempts: number;
  error: string | null;
  isOver: boolean;
}

/** `scapfeed fleet status -o json`. */
export interface FleetStatus {
  database: string;
  names: number;
  images: number;
  packages: number;
  /** Names whose image could not be read last time. */
  unread: number;
  /** Flaws that are waived, over all images together. */
  waived: number;
  /** Waivers by what became of them. */
  waivers: { used: number; unused: number; expired: number };
  /** The newest run; null: there was none. */
  run: {
    number: number;
    /** `open`, `finished`, or `broken`: it was killed. */
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
  /** News that a receiver has not taken, the newest first; `isOver`: they are not tried again. */
  unsent: readonly UnsentNews[];
  /** Jobs by kind. */
  queue: Readonly<Record<string, { waiting: number; active: number; failed: number }>>;
}
