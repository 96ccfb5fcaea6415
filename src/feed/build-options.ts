import type { Manifest } from '../model/feed/index.ts';
import type { CopyFormat } from '../oval/document/copies.ts';
import type { AssessmentSource } from '../sources/contract.ts';
import type { SourceStanding } from '../sources/kept-feeds.ts';
import type { SourceInput } from '../sources/snapshots.ts';
import type { BuildInput } from './inputs.ts';
import type { OvalReport } from './oval/index.ts';
import type { ReadOptions } from './read-sources.ts';
import type { Shrinkage } from './shrinkage.ts';

export interface FeedBuildOptions extends ReadOptions {
  /** Sources of ratings and exploitation; default: none. */
  assessments?: readonly BuildInput<AssessmentSource>[];
  /** Sources of ratings that decide a severity, in order of precedence; default `ratingSources`. */
  severityFrom?: Manifest['severityFrom'];
  /** For the manifest and the documents. */
  toolVersion: string;
  /** Identifies the code that builds; if given, a feed that would come out the same is left as it is. */
  program?: string;
  /** The feed's directory; replaced as a whole, and only if everything succeeded. */
  out: string;
  oval: boolean;
  /** Also write SCAP source data streams for platforms that have OVAL. */
  dataStreams?: boolean;
  /** Compressed copies beside each OVAL file. */
  copies?: readonly CopyFormat[];
  /** ISO 8601 UTC; default: the date of the newest input, from its documents. */
  created?: string;
}

export interface BuildOutcome {
  manifest: Manifest;
  oval: readonly OvalReport[];
  /** The snapshots that the feed was built from. */
  snapshots: readonly SourceInput[];
  /** Row counts and dates of sources without digests and signatures, by their ids; absent: there was no floor, or nothing was read. */
  standings?: Readonly<Record<string, SourceStanding>> | undefined;
  /** Counts that are far lower than in the feed that was in its place. */
  shrunk: readonly Shrinkage[];
}
