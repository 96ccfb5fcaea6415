import { ScapfeedError } from '../../model/error.ts';
import {
  type Advisory,
  type Assessment,
  type ClaimKind,
  type EvidenceWriter,
  evidenceFor,
  type FeedPlatform,
  type KindsRecord,
  kindsKey,
  type ListRecord,
  type Manifest,
  type PackageRecord,
  rosterLine,
  type ShardClaim,
  type ShardLine,
  type Urgency,
  type Vulnerability,
} from '../../model/feed/index.ts';
import { openAssessments } from './assessments.ts';
import type { FeedFiles, SortedLines } from './feed-files.ts';
import { type ShardTables, shardLine } from './shard-records.ts';

/** One platform's part of the index, open for lookups. */
export interface Shard {
  readonly platform: FeedPlatform;
  /** Returns all claims about a package, or `undefined` if there are none. */
  package(name: string): ShardLine | undefined;
  /** Returns the same in stored form, for matching, which decodes only a few claims of a line. */
  record(name: string): PackageRecord | undefined;
  /** The tables that records refer to. */
  readonly tables: ShardTables;
  /** Returns a writer for the evidence of a claim, whose template is in the platform's table. */
  evidence(claim: Pick<ShardClaim, 'evidence' | 'advisories'>): EvidenceWriter;
  /**
   * Returns whether the vendor ships the source, or this build of it (rpm, VERSION-RELEASE). Returns `undefined` if the feed has
   * no roster for the platform.
   */
  ships(name: string, build?: string): boolean | undefined;
}

/** A feed, opened for reading. Everything except the manifest is read on demand. */
export interface Feed {
  readonly directory: string;
  readonly manifest: Manifest;
  /** Returns the sha256 of the manifest, which contains the digests of all other files. It identifies the feed. */
  digest(): string;
  /** Returns a platform's shard by its id, or `undefined` if the feed has no such platform. */
  shard(id: string): Shard | undefined;
  /** Returns the vendors' data on a vulnerability, or `undefined` if the feed has no details of it. */
  vulnerability(id: string): Vulnerability | undefined;
  /** Returns an advisory, or `undefined` if the feed does not contain it. */
  advisory(id: string): Advisory | undefined;
  /** Returns data on a vulnerability from sources other than the distribution, or `undefined` if the feed has none. */
  assessment(id: string): Assessment | undefined;
  /** Returns the part of the assessment that every verdict needs. */
  urgency(id: string): Urgency | undefined;
  /** Returns a row of another table of a source, or `undefined` if the row or table does not exist. */
  row<T extends { id: string }>(table: string, id: string): T | undefined;
  /** Closes the feed's files. */
  close(): void;
}

/** Look-ups in the files of a feed. */
export function feedOf(manifest: Manifest, files: FeedFiles): Omit<Feed, 'directory' | 'digest' | 'close'> {
  function lines(path: string): SortedLines {
    const found = files.lines(path);
    if (found) return found;
    throw unnamed(path);
  }

  function detail<T>(path: string, id: string): T | undefined {
    const line = lines(path).find(id, 'id');
    return line === undefined ? undefined : (JSON.parse(line) as T);
  }

  return {
    manifest,
    shard(id) {
      const platform = manifest.platforms.find((candidate) => candidate.id === id);
      return platform && openShard(platform, lines);
    },
    vulnerability: (id) => detail('index/vulnerabilities.jsonl', id),
    advisory: (id) => detail('index/advisories.jsonl', id),
    ...openAssessments(files),
    row: (table, id) =>
      files.lines(`index/${table}.jsonl`) ? detail(`index/${table}.jsonl`, id) : undefined,
  };
}

function openShard(platform: FeedPlatform, reader: (path: string) => SortedLines): Shard {
  const path = `index/${platform.id}.jsonl`;
  const tables = openTables(() => reader(path));
  const writers: EvidenceWriter[] = [];
  const record = (name: string) => {
    const text = reader(path).find(name, 'package');
    return text === undefined ? undefined : (JSON.parse(text) as PackageRecord);
  };
  return {
    platform,
    tables,
    record,
    package(name) {
      const found = record(name);
      return found && shardLine(found, tables);
    },
    evidence({ evidence: at = 0, advisories }) {
      writers[at] ??= evidenceFor(platform.evidence[at]!);
      const write = writers[at];
      const advisory = advisories?.[0];
      return advisory === undefined ? write : (name, id) => write(name, id, advisory);
    },
    ships(name, build) {
      if (!platform.roster) return undefined;
      return reader(`index/${platform.id}.roster.txt`).find(rosterLine(name, build)) !== undefined;
    },
  };
}

/** The tables that packages' lines refer to, each read at its first use. */
function openTables(reader: () => SortedLines): ShardTables {
  let kinds: readonly ClaimKind[] | undefined;
  const lists = new Map<string, readonly string[] | undefined>();
  return {
    get kinds() {
      if (!kinds) {
        const text = reader().find(kindsKey, 'table');
        kinds = text === undefined ? [] : (JSON.parse(text) as KindsRecord).kinds;
      }
      return kinds;
    },
    list(key) {
      if (!lists.has(key)) {
        const text = reader().find(key, 'list');
        lists.set(key, text === undefined ? undefined : (JSON.parse(text) as ListRecord).ids);
      }
      return lists.get(key);
    },
  };
}

export function unnamed(path: string): ScapfeedError {
  return corruptFeed(`the manifest does not name ${path}`, 'manifest.json/outputs');
}

export function corruptFeed(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message,
    where,
    remedy: 'build or pull the feed again; this copy must not be used',
    cause,
  });
}
