import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../io/files.ts';
import { ScapfeedError } from '../model/error.ts';
import { compareCodeUnits } from '../model/order.ts';
import type { SourceInput } from './snapshot.ts';
import { isSourceInput } from './snapshot-index.ts';

/** A feed that was built, by the inputs that it was built from. */
export interface KeptFeed {
  /** When it was last built from exactly these inputs; ISO 8601 UTC. */
  built: string;
  inputs: readonly SourceInput[];
  /** By source. Absent for sources that have none, and in feeds that were built before they were recorded. */
  standings?: Readonly<Record<string, SourceStanding>>;
}

/** Row counts and dates of a source when it was read. */
export interface SourceStanding {
  /** Version of the program that counted the rows. */
  tool: string;
  /** By platform; of ratings by source. */
  rows: Readonly<Record<string, number>>;
  /** Newest date in each document that has one, ISO 8601 UTC, by input id. */
  dates: Readonly<Record<string, string>>;
}

/** Limits on the feeds that keep their snapshots: the newest of each choice of sources, as long as they are not too old. */
export interface KeepLimits {
  feeds: number;
  days: number;
}

/** As many as `publish` keeps publications. */
export const defaultKeep: KeepLimits = { feeds: 8, days: 60 };

const format = 1;

/** Records that a feed was built from these inputs, so that prune keeps their bytes. `standings`: default as recorded before. */
export async function keepFeed(
  folder: string,
  { inputs, standings }: Omit<KeptFeed, 'built'>,
  now: Date,
): Promise<void> {
  const named = inputs.map(plainInput);
  const digest = createHash('sha256').update(JSON.stringify(named)).digest('hex');
  const path = join(folder, 'feeds', `${digest}.json`);
  const known = standings ?? (await readFile(path, 'utf8').then(parse, () => undefined))?.standings;
  const feed = { format, built: now.toISOString(), inputs: named, ...(known && { standings: known }) };
  await writeAtomically(path, `${JSON.stringify(feed, null, 1)}\n`);
}

/** Newest first. */
export async function keptFeeds(folder: string): Promise<KeptFeed[]> {
  return (await readFeeds(folder)).map(({ feed }) => feed);
}

/** Forgets the feeds beyond the limits, except the newest of each choice of sources, which is the last good one. */
export async function forgetFeeds(folder: string, limits: KeepLimits, now: Date): Promise<number> {
  const newer = new Map<string, number>();
  let forgotten = 0;
  for (const { path, feed } of await readFeeds(folder)) {
    const choice = sourcesOf(feed).join();
    const place = newer.get(choice) ?? 0;
    newer.set(choice, place + 1);
    const days = (now.getTime() - Date.parse(feed.built)) / 86_400_000;
    if (place === 0 || (place < limits.feeds && days <= limits.days)) continue;
    await rm(path, { force: true });
    forgotten += 1;
  }
  return forgotten;
}

/** Ids of the sources of a feed's inputs, sorted. */
export function sourcesOf({ inputs }: KeptFeed): string[] {
  return [...new Set(inputs.map(({ source }) => source))].sort();
}

async function readFeeds(folder: string): Promise<{ path: string; feed: KeptFeed }[]> {
  const names = await readdir(join(folder, 'feeds')).catch(() => []);
  const paths = names.filter((name) => name.endsWith('.json')).map((name) => join(folder, 'feeds', name));
  const feeds = await Promise.all(
    paths.sort().map(async (path) => ({ path, feed: parseFeed(await readFile(path, 'utf8'), path) })),
  );
  return feeds.sort((a, b) => compareCodeUnits(b.feed.built, a.feed.built));
}

function parseFeed(text: string, where: string): KeptFeed {
  const feed = parse(text);
  const { inputs, standings = {} } = feed ?? {};
  if (feed?.format === format && !Number.isNaN(Date.parse(feed.built)) && Array.isArray(inputs)) {
    const stand = Object.values(standings);
    if (inputs.every(isSourceInput) && stand.every(isStanding))
      return { built: feed.built, inputs, standings };
  }
  throw new ScapfeedError({
    code: 'SNAPSHOT_CORRUPT',
    message: `expected the inputs of a feed in format ${format}, found something else`,
    where,
    remedy: 'remove the file: that feed can then not be rebuilt, nothing else depends on it',
  });
}

function isStanding({ tool, rows, dates }: Partial<SourceStanding>): boolean {
  return typeof tool === 'string' && typeof rows === 'object' && typeof dates === 'object';
}

type ParsedFeed = Omit<KeptFeed, 'inputs'> & { format?: unknown; inputs?: unknown };

function parse(text: string): ParsedFeed | null | undefined {
  try {
    return JSON.parse(text) as ParsedFeed | null;
  } catch {
    return undefined;
  }
}

/** A snapshot without fetch time and server headers, which must not be in a feed. */
function plainInput({ id, source, url, sha256, size, set, unsigned, refused }: SourceInput): SourceInput {
  return {
    id,
    source,
    url,
    sha256,
    size,
    ...(set && { set }),
    ...(unsigned && { unsigned }),
    ...(refused && { refused }),
  };
}
