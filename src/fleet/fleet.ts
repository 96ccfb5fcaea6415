import type { Feed } from '../feed/read/feed.ts';
import type { ScapfeedError } from '../model/error.ts';
import type { StatedBase } from '../model/inventory/index.ts';
import type { Progress } from '../model/progress.ts';
import type { SignatureGate } from '../model/verdict/index.ts';
import type { ProfileOutcome } from './complying.ts';
import type { MailServer } from './delivery/deliver.ts';
import type { MessageWriter, Receiver } from './delivery/deliveries.ts';
import type { FleetJudging } from './judge/options.ts';
import type { KnownImages } from './known-images.ts';
import type { Queue } from './queue/queue.ts';
import type { BaseContents } from './store/bases.ts';
import type { Database } from './store/database.ts';
import type { ReadImage } from './store/prepared-image.ts';

/** Options of a run; plain JSON, which is kept with the run and read by every worker. */
export interface FleetRunOptions {
  judging: FleetJudging;
  /** Milliseconds after which a platform's data is called stale; absent: never. */
  maxAge?: number;
  profiles: readonly string[];
  /** Images must be signed. */
  signed: boolean;
  /** To whom the news go. */
  receivers: readonly Receiver[];
  /** Images are compared with the bases that they state. */
  bases?: boolean;
}

/** An image that is in the store already, by its digest alone. */
export interface KnownImage {
  digest: string;
  signed?: SignatureGate;
  /** Absent: it states none. */
  base?: StatedBase;
}

/** A registry's list of images. */
export interface RegistryListing {
  references: readonly string[];
  /** Places that were left out. */
  cut: readonly string[];
  /** Repositories, `HOST/NAME`, that could not be listed: what is gone there is not known. */
  unlisted: readonly string[];
  /** Why, for those that the registry has. */
  refusals: readonly string[];
  /** Number of tags that were skipped because they are of signatures, attestations and SBOMs. */
  attached: number;
}

/** Functions of this process for a fleet; the command line provides them, with its options. */
export interface FleetTools {
  tool: string;
  now(): Date;
  /** Whether an image that is in the store is read again because its files were never compared with its packages. */
  verifiesKnown?: boolean;
  /** Whether registries are read at link-local addresses too. */
  linkLocal?: boolean;
  /** Opens an image. One whose digest is known is not read. */
  read(reference: string, isKnown: (digest: string) => boolean): Promise<ReadImage | KnownImage>;
  /** Opens a base image, which needs no package; one whose digest is known is not read. */
  readBase(
    reference: string,
    isKnown: (digest: string) => boolean,
  ): Promise<BaseContents | Pick<BaseContents, 'digest'>>;
  /** The feed that this process chooses now: a pull can have brought another one. Absent: it keeps its own. */
  reopen?(): Feed;
  /** The images below `HOST[/PREFIX]` of a registry whose tags match. */
  list(place: string, tags: string): Promise<RegistryListing>;
  /** Identifies the content that images are evaluated by, and this program. */
  contentKey(feed: Feed): Promise<string>;
  /** Evaluates an image by a profile. Its digest shows whether it is still the one that was read. */
  comply(
    feed: Feed,
    reference: string,
    profile: string,
  ): Promise<{ digest?: string; outcome: ProfileOutcome }>;
  /** Makes the message of a run's news for a receiver. */
  message: MessageWriter;
  /** Whether this process sends news to private addresses, whatever was allowed when they were made. */
  allowPrivate: boolean;
  /** Connection of this process to a mail server; absent: it sends no mails. */
  mail?: MailServer;
  /** A run of this number has begun. */
  begun?(run: number): void;
  /** Aborted when this process must end: it begins no more jobs, and its run stays open, for the next one to do again. */
  ending?: AbortSignal;
  /** Reports a failure of a job to the operator. */
  warn(text: string): void;
  progress: Progress;
}

export interface FleetContext {
  database: Database;
  queue: Queue;
  feed: Feed;
  tools: FleetTools;
  known: KnownImages;
}

/** As much of a fleet as sending news needs. */
export type Sender = Pick<FleetContext, 'database' | 'queue' | 'tools'>;

/** Why an image could not be read. */
export type ReadFailure = Pick<ScapfeedError, 'code' | 'message'>;
