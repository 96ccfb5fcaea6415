import type { Status } from '../../../model/feed/index.ts';
import { compareCodeUnits } from '../../../model/order.ts';
import { compareRpmEvr } from '../../../packaging/rpm/version.ts';
import type { Row, Tree } from '../record.ts';
import { hardenedPlatform } from '../rule-streams.ts';
import { settleFixes } from './fixes.ts';
import type { MergeNotes, SourcedRow } from './sourced-row.ts';

/**
 * Rows of one family without a fix. A fix replaces an unversioned `affected` of its stream (documents list both,
 * CVE-2026-7323, CVE-2023-2454). Of two contradicting rows in one stream the newer document's is used.
 */
function settleUnfixed(
  rows: readonly SourcedRow[],
  fixes: readonly SourcedRow[],
  notes: MergeNotes,
): SourcedRow[] {
  const open = withoutListedSources(rows, notes).filter((row) => {
    const fix = fixes.find((candidate) => settles(candidate, row));
    if (fix)
      notes.lose(row, row.status === 'not_affected' ? 'not_affected_beside_fix' : 'affected_beside_fix', fix);
    return !fix;
  });
  const byScope = new Map<string, SourcedRow>();
  for (const row of open.sort(newestFirst)) {
    const { minor, channel } = row.stream;
    const key = `${row.subject} ${row.name} ${minor} ${channel}`;
    const known = byScope.get(key);
    if (!known) byScope.set(key, row);
    else if (!sameSaying(known, row)) notes.lose(row, 'contradicted', known);
  }
  return [...byScope.values()].filter((row) => !isRepeated(row, byScope));
}

/**
 * Hardened images: where a document lists a source and the binary of its name, the binaries that it lists have the flaw, and others
 * of the source do not (grype#3410). A source without binaries stands for all of them.
 */
function withoutListedSources(rows: readonly SourcedRow[], notes: MergeNotes): readonly SourcedRow[] {
  if (rows[0]?.stream.platform !== hardenedPlatform) return rows;
  const binaries = rows.filter(({ subject }) => subject === 'binary');
  return rows.filter((row) => {
    const binary = row.subject === 'source' ? binaries.find((each) => isListedFor(each, row)) : undefined;
    if (binary) notes.lose(row, 'binaries_listed', binary);
    return binary === undefined;
  });
}

/** A row without product ids is the other reading of a name that may be a source. */
function isListedFor(binary: SourcedRow, source: SourcedRow): boolean {
  const isNoOlder = binary.document.updated >= source.document.updated;
  return binary.count > 0 && binary.name === source.name && binary.status === source.status && isNoOlder;
}

/** True if a fix replaces the row. A binary's `not_affected` is an exception to its source's fix and stays. */
function settles(fix: SourcedRow, row: SourcedRow): boolean {
  if (row.status === 'not_affected' && (row.subject !== fix.subject || row.name !== fix.name)) return false;
  const { channel, minor } = row.stream;
  const main = fix.stream.channel === undefined;
  if (channel === undefined) {
    if (!main) return false;
    return row.status !== 'not_affected' || minor === undefined || minor === fix.stream.minor;
  }
  if (fix.stream.channel === channel) return minor === fix.stream.minor || minor === undefined;
  // A minor's extended stream begins as a copy of its main one, and ELS as a copy of the last minor's, so fixes there apply.
  return main && !channel.startsWith('cpe:') && (channel === 'els' || minor === fix.stream.minor);
}

// Of documents of one age the safer status for the user comes first.
const caution: readonly Status[] = ['affected', 'under_investigation', 'not_affected'];

function newestFirst(a: SourcedRow, b: SourcedRow): number {
  const left = a.document;
  const right = b.document;
  if (left.updated !== right.updated) return left.updated > right.updated ? -1 : 1;
  if (a.status !== b.status) return caution.indexOf(a.status) - caution.indexOf(b.status);
  const leftText = `${left.tree} ${left.path} ${a.fixState}`;
  const rightText = `${right.tree} ${right.path} ${b.fixState}`;
  return compareCodeUnits(leftText, rightText);
}

function sameSaying(a: SourcedRow, b: SourcedRow): boolean {
  return a.status === b.status && a.fixState === b.fixState;
}

/** The vex-feed names minors where the legacy tree names the major: equal statements are kept once. */
function isRepeated(row: SourcedRow, byScope: ReadonlyMap<string, SourcedRow>): boolean {
  if (row.stream.minor === undefined || row.stream.channel !== undefined) return false;
  const general = byScope.get(`${row.subject} ${row.name} undefined undefined`);
  return general !== undefined && sameSaying(general, row) && general.severity === row.severity;
}

/** Channels that continue after the main one has ended: a fix there shows that the base is affected (vunnel#958). */
const continuingChannels: ReadonlySet<string> = new Set(['eus', 'eus-long-life', 'els']);

/**
 * Red Hat has no statement about the base if only an extended channel got the fix (CVE-2026-7323: firefox of RHEL 7 ELS).
 * The base is then `affected`, `other_channel` for each source of the main channel, marked `inferred`.
 */
function inferBase(
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

/**
 * Merges the rows of all trees for one vulnerability so that they do not contradict each other (docs/redhat.md). Rows are
 * compared within a family: platform, source package and module.
 */
export function mergeRows(rows: readonly SourcedRow[], notes: MergeNotes): SourcedRow[] {
  const kept: SourcedRow[] = [];
  const vexSpeaks = rows.some((row) => isVex(row.document.tree));
  for (const family of families(withoutEchoes(rows, notes))) {
    if (family.length === 1 && family[0]!.status !== 'fixed') {
      kept.push(family[0]!);
      continue;
    }
    const fixes = settleFixes(family.filter(isFix), notes);
    const unfixed = family.filter((row) => !isFix(row));
    const others = settleUnfixed(unfixed, fixes, notes);
    // An erratum is about its own products only: that it does not mention the base proves nothing.
    const base = vexSpeaks ? inferBase(fixes, others, notes) : [];
    kept.push(...fixes, ...others, ...base);
  }
  return kept;
}

function isFix(row: Row): boolean {
  return row.status === 'fixed';
}

/** An erratum's statements without a fix are copies of VEX on its day; VEX is current, so they are dropped. */
function withoutEchoes(rows: readonly SourcedRow[], notes: MergeNotes): SourcedRow[] {
  const vex = rows.find((row) => isVex(row.document.tree));
  if (!vex) return [...rows];
  return rows.filter((row) => {
    const echo = !isVex(row.document.tree) && !isFix(row);
    if (echo) notes.lose(row, 'said_by_vex');
    return !echo;
  });
}

function isVex(tree: Tree): boolean {
  return tree !== 'redhat-advisories';
}

/** Rows by platform, source package and module, in the order of their first row. */
function families(rows: readonly SourcedRow[]): SourcedRow[][] {
  const byKey = new Map<string, SourcedRow[]>();
  for (const row of rows) {
    const key = `${row.stream.platform} ${row.source} ${row.module ?? ''}`;
    const family = byKey.get(key);
    if (family) family.push(row);
    else byKey.set(key, [row]);
  }
  return [...byKey.values()];
}
