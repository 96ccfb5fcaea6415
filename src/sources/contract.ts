import type { Http } from '../io/http/http.ts';
import type { AssessmentSink, Platform, SourceSink, SourceTerms } from '../model/feed/index.ts';
import type { Progress } from '../model/progress.ts';
import type { Snapshot, SnapshotStore, SourceInput } from './snapshots.ts';

export type { AssessmentSink, PlatformData, SourceSink } from '../model/feed/index.ts';
export type { SourceInput } from './snapshots.ts';

/** The properties that all published data share, and the function that fetches it. */
export interface FetchedSource {
  id: string;
  /** Name, licence and required attribution, for the manifest. */
  name: string;
  licence: string;
  attribution: string;
  /** `publish` leaves it out unless the terms are accepted by name. What is restricted is built only by name, and `export` refuses it. */
  terms?: SourceTerms;
  /** A build without `--source` does not read it, nor is it implied by distributions without ratings. */
  byNameOnly?: true;
  /** Days within which it usually has newer data about each release that is supported; absent: unknown, and lateness is not reported. */
  usualDays?: number;
  /** A build of the package's sample mirror reads it if no source is named. */
  isSampled?: true;
  /** Neither digests nor signatures vouch for some of its documents, only the server's TLS: a build does not let them recede (feed/floor.ts). */
  unsealed?: true;
  /** Updates the store; the only step that uses the network. Returns the snapshots that a build reads. */
  fetch(context: FetchContext): Promise<Snapshot[]>;
}

/** Data that rates vulnerabilities or reports their exploitation, and has no platforms of its own. */
export interface AssessmentSource extends FetchedSource {
  /** Parses what fetch returned; reads only the snapshots. */
  read(inputs: readonly SourceInput[], store: SnapshotStore, out: AssessmentSink): Promise<void>;
}

/**
 * A source is one vendor's published data, in three steps that can be run and tested separately:
 * fetch (network -> snapshots), parse (bytes -> the vendor's own records), normalize (records -> statements).
 * Vendor words end in normalize.
 */
export interface Source extends FetchedSource {
  /** It gives benchmarks (SourceSink.content) and has no platforms of its own. */
  contentOnly?: true;
  /** Those that it may have, where its definition lists all; what is read may lack some. Absent: known from its data only. */
  platforms?: readonly Platform[];
  /** Tables that it gives beside its statements (SourceSink.table), each with the schema of its lines. */
  tables?: readonly TableSchema[];
  /** Parses and normalizes what fetch returned; reads only the snapshots. */
  read(inputs: readonly SourceInput[], store: SnapshotStore, out: SourceSink): Promise<void>;
  /**
   * The vendor's document that a statement's evidence (`INPUT#POINTER`) names, from the inputs of the build. Undefined: no
   * input has it.
   * @throws {ScapfeedError} SNAPSHOT_MISSING, SNAPSHOT_CORRUPT
   */
  evidence(
    input: SourceInput,
    pointer: string,
    inputs: readonly SourceInput[],
    store: SnapshotStore,
  ): Promise<EvidenceDocument | undefined>;
}

/** `index/NAME.jsonl`; NAME begins with the source's id and a dash. The schema is in schemas/NAME.schema.json. */
export interface TableSchema {
  name: string;
  schema: object;
}

export interface EvidenceDocument {
  /** Its address; for a file in an archive, the archive's address and the file's path. */
  place: string;
  /** The vendor's own bytes. */
  bytes: Buffer;
  /** JSON Pointer or `line:NUMBER` within the document; empty: all of it. */
  pointer: string;
}

export interface FetchContext {
  http: Http;
  store: SnapshotStore;
  /** The time at which validity periods and signing keys are checked. */
  now: Date;
  /** Accept documents without signature from the mirror, and mark what is made from them (--unsigned-mirror). */
  unsignedMirror?: boolean;
  progress: Progress;
  /** Collects documents that the server does not have and that a source can do without: they are reported in one line. */
  absent?: string[];
}
