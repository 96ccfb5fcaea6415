import type { SourceSink } from '../../sources/contract.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import type { AdvisoryIndex } from './advisory-index.ts';
import type { DebianDefinition, DebianRelease } from './definition.ts';

/** Context of the steps of a reading. */
export interface Reading {
  inputs: ReadonlyMap<string, SourceInput>;
  store: SnapshotStore;
  definition: DebianDefinition;
  releases: ReadonlyMap<string, DebianRelease>;
  out: SourceSink;
  /** YYYY-MM-DD of the newest advisory (the tracker's document has no date); decides whether support has ended. */
  day: string;
  advisories: AdvisoryIndex;
  /** Codename -> id of the tracker document that has it. */
  inTracker: Map<string, string>;
  /** Platforms and advisories that statements name. */
  platforms: Set<string>;
  announced: Set<string>;
}
