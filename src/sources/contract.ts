import type { Http } from '../io/http/http.ts';
import type { SourceSink } from '../model/index.ts';
import type { Snapshot, SnapshotStore, SourceInput } from './snapshots.ts';

export type { PlatformData, SourceSink } from '../model/index.ts';
export type { SourceInput } from './snapshots.ts';

/**
 * A source is one vendor's published data, in three steps that can be run and tested apart:
 * fetch (network -> snapshots), parse (bytes -> the vendor's own records), normalize (records -> statements).
 * Vendor words end in normalize.
 */
export interface Source {
  id: string;
  /** Name, licence and the attribution it asks for, for the manifest. */
  name: string;
  licence: string;
  attribution: string;
  /** Brings the store up to date; the only step that knows the network. Returns the snapshots a build reads. */
  fetch(context: FetchContext): Promise<Snapshot[]>;
  /** Parse and normalize what fetch returned; pure but for reading the snapshots. */
  read(inputs: readonly SourceInput[], store: SnapshotStore, out: SourceSink): Promise<void>;
  /**
   * The vendor's document that a statement's evidence (`INPUT#POINTER`) names, among the inputs of the build. Undefined:
   * they have none.
   * @throws {ScapfeedError} SNAPSHOT_MISSING, SNAPSHOT_CORRUPT
   */
  evidence(
    input: SourceInput,
    pointer: string,
    inputs: readonly SourceInput[],
    store: SnapshotStore,
  ): Promise<EvidenceDocument | undefined>;
}

export interface EvidenceDocument {
  /** Its address; of a file in an archive, the archive's address and the file's path. */
  place: string;
  /** The vendor's own bytes. */
  bytes: Buffer;
  /** JSON Pointer or `line:NUMBER` within the document; empty: all of it. */
  pointer: string;
}

export interface FetchContext {
  http: Http;
  store: SnapshotStore;
  /** By which terms and signing keys may have ended. */
  now: Date;
  /** Accept documents whose signature the mirror lacks, and mark what is made of them (--unsigned-mirror). */
  unsignedMirror?: boolean;
  /** One line of progress, shown only on a terminal. */
  progress(text: string): void;
}
