import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BinariesRecord,
  type FeedOutput,
  type FeedPlatform,
  type PlatformIndex,
  rosterLine,
  type Status,
  type TableRow,
} from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { type Assessments, assessmentFiles } from './assessment-lines.ts';
import type { Details } from './details.ts';
import { type KeyedText, writeLineFile } from './line-file.ts';
import { shardRecords } from './shard-records.ts';

// A roster line is a name of about 15 bytes; larger blocks keep its offset index small.
export const rosterBlockLines = 256;

/** Writes `index/`: a shard, a roster and the sources' binaries for each platform, and the details that all of them share. */
export function writeIndexes(
  root: string,
  platforms: readonly PlatformIndex[],
  details: Details,
  tables: ReadonlyMap<string, readonly TableRow[]>,
  assessments: Assessments,
): FeedOutput[] {
  mkdirSync(join(root, 'index'), { recursive: true });
  return [
    ...platforms.flatMap((index) => [
      ...writeShard(root, index),
      ...writeRoster(root, index),
      ...writeBinaries(root, index),
    ]),
    ...writeLineFile(root, 'index/vulnerabilities.jsonl', detailLines(details.vulnerabilities)),
    ...writeLineFile(root, 'index/advisories.jsonl', detailLines(details.advisories)),
    ...[...assessmentFiles(assessments)].flatMap(([path, lines]) => writeLineFile(root, path, lines)),
    ...[...tables].flatMap(([name, rows]) => {
      const byId = new Map(rows.map((row) => [row.id, row]));
      return writeLineFile(root, `index/${name}.jsonl`, detailLines(byId));
    }),
  ];
}

function writeShard(root: string, { platform, lines }: PlatformIndex): FeedOutput[] {
  return writeLineFile(root, `index/${platform.id}.jsonl`, shardRecords(lines));
}

function writeRoster(root: string, { platform, roster }: PlatformIndex): FeedOutput[] {
  if (!roster) return [];
  const texts = [...roster].flatMap(([name, { builds = [] }]) => [
    rosterLine(name),
    ...builds.map((build) => rosterLine(name, build)),
  ]);
  const lines = texts.sort(compareCodeUnits).map((text): KeyedText => ({ key: text, text }));
  return writeLineFile(root, `index/${platform.id}.roster.txt`, lines, rosterBlockLines);
}

/** The binaries of sources that claims are about: for exports to scanners that look up binaries by name. */
function writeBinaries(root: string, index: PlatformIndex): FeedOutput[] {
  if (!index.binaries && !listsBinaries(index)) return [];
  const named = index.lines.filter(({ claims }) => claims.some(({ subject }) => subject !== 'binary'));
  const records = named.flatMap(({ package: source }) => binariesOf(index, source) ?? []);
  const lines = records.map((record): KeyedText => ({ key: record.source, text: JSON.stringify(record) }));
  return writeLineFile(root, `index/${index.platform.id}.binaries.jsonl`, lines);
}

/** A roster of builds (rpm) names no binaries. */
function listsBinaries({ roster }: PlatformIndex): boolean {
  return roster !== undefined && ![...roster.values()].some(({ builds }) => builds);
}

function binariesOf({ roster, binaries }: PlatformIndex, source: string): BinariesRecord | undefined {
  const shipped = roster?.get(source);
  if (!shipped || shipped.builds) {
    const names = binaries?.get(source);
    return names && { source, binaries: [...names] };
  }
  const alike = shipped.binaries.filter(({ version }) => isBuildOf(version, shipped.version));
  const apart = shipped.binaries.filter((binary) => !alike.includes(binary));
  return {
    source,
    binaries: alike.map(({ name }) => name),
    ...(apart.length > 0 ? { apart: apart.map(({ name }) => name) } : {}),
  };
}

/** Debian's binary rebuilds append `+bN` to the source's version. */
function isBuildOf(version: string, source: string): boolean {
  return (
    version === source ||
    (version.startsWith(`${source}+b`) && /^\d+$/.test(version.slice(source.length + 2)))
  );
}

function* detailLines(details: ReadonlyMap<string, { id: string }>): Generator<KeyedText> {
  for (const id of [...details.keys()].sort(compareCodeUnits)) {
    const { id: _, ...rest } = details.get(id)!;
    yield { key: id, text: JSON.stringify({ id, ...sortKeys(rest) }) };
  }
}

function sortKeys(record: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareCodeUnits(a, b)));
}

/** The manifest's entry of a platform. */
export function describePlatform(index: PlatformIndex): FeedPlatform {
  const { platform, source, updated, lines, evidence, roster, ownDespiteSuffix: own = [], marks } = index;
  const status: Partial<Record<Status, number>> = {};
  let statements = 0;
  for (const { claims } of lines) {
    for (const claim of claims) {
      status[claim.status] = (status[claim.status] ?? 0) + claim.ids.length;
      statements += claim.ids.length;
    }
  }
  return {
    ...platform,
    source,
    updated,
    packages: lines.length,
    statements,
    status: sortKeys(status) as FeedPlatform['status'],
    evidence: [...evidence],
    roster: roster !== undefined,
    ...(own.length > 0 ? { ownDespiteSuffix: [...own].sort(compareCodeUnits) } : {}),
    ...(marks.length > 0 ? { marks: [...marks].sort(compareCodeUnits) } : {}),
  };
}
