import { compareRpmEvr } from '../../../packaging/rpm/version.ts';
import type { MergeNotes, SourcedRow } from './sourced-row.ts';

/** Channels that continue after the main one has ended: a fix there shows that the base is affected (vunnel#958). */
const continuingChannels: ReadonlySet<string> = new Set(['eus', 'eus-long-life', 'els']);

/**
 * Red Hat has no statement about the base if only an extended channel got the fix (CVE-2026-7323: firefox of RHEL 7 ELS).
 * The base is then `affected`, `other_channel` for each source of the main channel, marked `inferred`.
 */
export function inferBase(
  fixes: readonly SourcedRow[],
  others: readonly SourcedRow[],
  notes: MergeNotes,
): SourcedRow[] {
  const first = fixes[0];
  if (!first || !/^rhel-\d/.test(first.stream.platform)) return [];
  if ([...fixes, ...others].some(({ stream }) => stream.channel === undefined)) return [];
  const continuing = fixes.filter(({ stream }) => continuingChannels.has(stream.channel!));
  if (continuing.length === 0) {
    notes.doubt(first, 'base_silent');
    return [];
  }
  const names = new Map<string, SourcedRow>();
  for (const row of sourcesFirst(continuing)) {
    if (!names.has(row.name)) names.set(row.name, row);
  }
  return [...names.values()].map((row) => {
    notes.doubt(row, 'base_inferred');
    return inferred(row, highestFix(continuing, row.name));
  });
}

/** Binaries get a row of their own only if no source row covers them. */
function sourcesFirst(rows: readonly SourcedRow[]): readonly SourcedRow[] {
  const sources = rows.filter(({ subject }) => subject === 'source');
  return sources.length > 0 ? sources : rows;
}

function highestFix(rows: readonly SourcedRow[], name: string): SourcedRow {
  const ofName = rows.filter((row) => row.name === name);
  return ofName.reduce((best, row) => (compareRpmEvr(best.fixed!, row.fixed!) === -1 ? row : best));
}

function inferred(row: SourcedRow, fix: SourcedRow): SourcedRow {
  const { fixed: _, arch: __, advisories: ___, ...rest } = row;
  return {
    ...rest,
    stream: { platform: row.stream.platform },
    status: 'affected',
    fixState: 'other_channel',
    reason: fix.stream.channel!,
    channelFix: fix.fixed!,
    inferred: true,
  };
}
