import type { FeedPlatform, Severity } from '../../model/feed/index.ts';
import type { ExportContext } from './rows.ts';

/** The buckets of a distribution in Trivy's database (schema 2). */
export interface TrivyLayout {
  buckets(platforms: readonly FeedPlatform[], context: TrivyContext): TrivyBucket[];
}

export interface TrivyContext extends ExportContext {
  vulnerabilities: VulnerabilityBook;
  /** Keeps lines in a temporary file, sorted by key as they are given, and reads them back. */
  spill(): Spill;
}

/** Sorted lines out of memory. */
export interface Spill {
  add(key: string, value: string): void;
  /** All lines in their order, once. */
  read(): Iterable<readonly [key: string, value: string]>;
}

/** Collects the ids that platforms' buckets name: each has a record in the bucket `vulnerability`. */
export interface VulnerabilityBook {
  /** `vendor`: the name that Trivy has for the source of the severity. */
  add(id: string, vendor: string, severity: Severity): void;
}

/** A bucket at the top of the database; its content is made when it is written. */
export interface TrivyBucket {
  name: string;
  source?: TrivySource;
  content(): Iterable<TrivyChild>;
}

export interface TrivySource {
  ID: string;
  Name: string;
  URL: string;
}

/** A bucket in it, most often of a package: keys and JSON, in the order of the keys' bytes. */
export interface TrivyChild {
  name: string;
  pairs: Iterable<readonly [key: string, value: string]>;
}

/** Numbers of Trivy's statuses. */
export const trivyStatus = {
  not_affected: 1,
  affected: 2,
  fixed: 3,
  under_investigation: 4,
  will_not_fix: 5,
  fix_deferred: 6,
  end_of_life: 7,
} as const;

/** Trivy's severities as numbers: it has no word below low. */
export const trivySeverity: Readonly<Record<Severity, number>> = {
  unknown: 0,
  negligible: 1,
  low: 1,
  medium: 2,
  high: 3,
  critical: 4,
};
