import { hash } from 'node:crypto';
import type { Feed } from '../../feed/read/feed.ts';
import { indexLines, shardLines } from '../../feed/read/whole-file.ts';
import type { Vulnerability } from '../../model/feed/index.ts';
import { packedText, unpackedText } from '../packing.ts';
import type { Queries } from '../store/database.ts';

/** Differences of a feed from the one that was judged last. */
export interface FeedChanges {
  /** Source and binary packages with other statements, or that entered or left a roster. */
  names: Set<string>;
  /** Vulnerabilities with other ratings or scores, or that entered or left the catalog of known exploited ones. */
  vulnerabilities: Set<string>;
  /** Rows of other tables, as `TABLE/ID`. */
  rows: Set<string>;
  /** Platforms with another entry in the manifest: every package of their systems may be judged otherwise. */
  platforms: Set<string>;
}

/** The lines of one file of a feed: their keys, each with a digest of its content. */
interface FileLines {
  path: string;
  sha256: string;
  /** The meaning of its keys. */
  about: keyof FeedChanges;
}

/** The lines of a file of which some changed, to be kept when the run is over; undefined: the file is gone. */
export type ChangedLines = ReadonlyMap<string, { file: FileLines; lines: Buffer } | undefined>;

/**
 * Compares a feed with the one that was judged last, of which the store has a digest of each line. Lines are digested with
 * what they refer to, because the feed's shared tables are numbered anew when a claim is added. EPSS is left out: it changes
 * each night for every flaw, and no verdict depends on it.
 */
export async function feedChanges(
  queries: Queries,
  feed: Feed,
): Promise<{ changes: FeedChanges; changed: ChangedLines }> {
  const changes: FeedChanges = {
    names: new Set(),
    vulnerabilities: new Set(),
    rows: new Set(),
    platforms: new Set(),
  };
  const changed = new Map<string, { file: FileLines; lines: Buffer } | undefined>();
  const known = await queries.query<FileLines>('SELECT path, sha256, about FROM fleet.feed_lines');
  const before = new Map(known.map((file) => [file.path, file]));
  for (const file of digestedFiles(feed)) {
    const { path, sha256 } = file;
    const same = before.get(path)?.sha256 === sha256;
    before.delete(path);
    if (same) continue;
    const lines = linesOf(feed, file);
    addChanged(changes, file, await keptLines(queries, path), lines);
    changed.set(path, { file, lines: packLines(lines) });
  }
  for (const [path, file] of before) {
    addChanged(changes, file, await keptLines(queries, path), new Map());
    changed.set(path, undefined);
  }
  return { changes, changed };
}

/** Keeps the lines of the feed that was judged in place of the former one's. */
export async function keepLines(queries: Queries, changed: ChangedLines): Promise<void> {
  for (const [path, now] of changed) {
    if (now === undefined) await queries.query('DELETE FROM fleet.feed_lines WHERE path = $1', [path]);
    else {
      const { sha256, about } = now.file;
      await queries.query(
        `INSERT INTO fleet.feed_lines (path, sha256, about, lines) VALUES ($1, $2, $3, $4)
         ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256, about = excluded.about, lines = excluded.lines`,
        [path, sha256, about, now.lines],
      );
    }
  }
}

const platformsPath = 'manifest/platforms';
/** Dates and titles, EPSS, and lists for exports: no verdict is made of them. */
const passedOver = /^index\/(?:advisories|epss)\.jsonl$|\.binaries\.jsonl$|\.offsets\.json$/;
const aboutVulnerabilities = /^index\/(?:vulnerabilities|ratings|exploited)\.jsonl$/;

/** The files of which lines are compared, with a digest of each; the manifest's platforms are one too. */
function digestedFiles({ manifest }: Feed): FileLines[] {
  const shards = new Set(manifest.platforms.map(({ id }) => `index/${id}.jsonl`));
  const index = manifest.outputs.filter(({ path }) => path.startsWith('index/') && !passedOver.test(path));
  const entries = hash('sha256', JSON.stringify([...platformEntries(manifest.platforms)]));
  return [
    ...index.map(({ path, sha256 }) => ({ path, sha256, about: aboutOf(path, shards) })),
    { path: platformsPath, sha256: entries, about: 'platforms' },
  ];
}

function aboutOf(path: string, shards: ReadonlySet<string>): FileLines['about'] {
  if (shards.has(path) || path.endsWith('.roster.txt')) return 'names';
  return aboutVulnerabilities.test(path) ? 'vulnerabilities' : 'rows';
}

/** Of the manifest's platforms, what decides verdicts; dates and counts change each night. */
function platformEntries(platforms: Feed['manifest']['platforms']): Map<string, string> {
  return new Map(
    platforms.map(({ id, os, aliases, packaging, roster, marks, ownDespiteSuffix }) => [
      id,
      digestOfLine(JSON.stringify([os, aliases, packaging, roster, marks, ownDespiteSuffix])),
    ]),
  );
}

function linesOf(feed: Feed, { path, about }: FileLines): Map<string, string> {
  if (about === 'platforms') return platformEntries(feed.manifest.platforms);
  if (path.endsWith('.roster.txt')) return rosterDigests(feed, path);
  if (about === 'names') return shardDigests(feed, path.slice('index/'.length, -'.jsonl'.length));
  return new Map([...indexLines(feed, path)].map((line) => rowDigest(path, line)));
}

/** By source: the builds in the lines after it are its entry in the roster. */
function rosterDigests(feed: Feed, path: string): Map<string, string> {
  const builds = new Map<string, string[]>();
  for (const line of indexLines(feed, path)) {
    const [name = '', build] = line.split(' ');
    const known = builds.get(name) ?? [];
    builds.set(name, known);
    if (build !== undefined) known.push(build);
  }
  return new Map(
    [...builds].map(([name, all]) => [name, all.length === 0 ? '' : digestOfLine(all.join(' '))]),
  );
}

function shardDigests(feed: Feed, platform: string): Map<string, string> {
  const lines = new Map<string, string>();
  for (const { package: name, claims, ...rest } of shardLines(feed, platform)) {
    // Evidence is the place of a record, not its content.
    const facts = claims.map(({ evidence: _, ...claim }) => claim);
    lines.set(name, digestOfLine(JSON.stringify([facts, rest])));
  }
  return lines;
}

function rowDigest(path: string, line: string): [key: string, digest: string] {
  const row = JSON.parse(line) as { id: string } & Partial<Vulnerability>;
  // Descriptions change often, and decide nothing.
  const facts = path === 'index/vulnerabilities.jsonl' ? JSON.stringify(row.cvss ?? []) : line;
  return [row.id, digestOfLine(facts)];
}

/** 96 bits: that two texts of one key have the same is not to be expected in the age of the universe. */
function digestOfLine(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 16);
}

function addChanged(
  changes: FeedChanges,
  { path, about }: FileLines,
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): void {
  const table = about === 'rows' ? `${path.slice('index/'.length, -'.jsonl'.length)}/` : '';
  const found = changes[about];
  for (const [key, digest] of now) if (before.get(key) !== digest) found.add(table + key);
  for (const key of before.keys()) if (!now.has(key)) found.add(table + key);
}

/** A line each: the digest, then the key. */
function packLines(lines: ReadonlyMap<string, string>): Buffer {
  return packedText([...lines].map(([key, digest]) => `${digest} ${key}`).join('\n'));
}

async function keptLines(queries: Queries, path: string): Promise<Map<string, string>> {
  const [row] = await queries.query<{ lines: Uint8Array }>(
    'SELECT lines FROM fleet.feed_lines WHERE path = $1',
    [path],
  );
  const text = row ? unpackedText(row.lines) : '';
  if (text === '') return new Map();
  return new Map(
    text.split('\n').map((line) => {
      const space = line.indexOf(' ');
      return [line.slice(space + 1), line.slice(0, space)];
    }),
  );
}
