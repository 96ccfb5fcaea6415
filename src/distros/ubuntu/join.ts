import { type Ledger, lifePhaseOn, type Severity, type Statement } from '../../model/feed/index.ts';
import type { NoticeTable } from './notices.ts';
import { type OsvEntry, type OsvRecord, subjectOf } from './osv.ts';
import { type Channel, type Place, plainProChannels } from './place.ts';
import { type Saying, sayings, settledReason, severityOfPriority } from './vocabulary.ts';

/** The entries of all inputs for one CVE. */
export interface CveInput {
  cve: string;
  osv?: { record: OsvRecord; where: string };
  tracker?: TrackerInput;
  /** Reasons of unfixed rows, by rowKey. */
  vex?: ReadonlyMap<string, Saying>;
}

export interface TrackerInput {
  /** `active/CVE-2016-2781` */
  where: string;
  rows: readonly TrackerFact[];
}

/** A parsed tracker row about a compiled release. */
export interface TrackerFact {
  place: Place;
  package: string;
  saying: Saying;
  severity: Severity;
}

export interface JoinContext {
  ledger: Ledger;
  notices: NoticeTable;
  /** Life of the platforms, and the day of the newest notice: they show whether a base release still gets fixes. */
  life: ReadonlyMap<string, readonly { phase: string; until: string }[]>;
  day: string;
  evidence: { osv(where: string, cve: string): string; tracker(where: string, cve: string): string };
  /** A row about a source that the release does not ship: held until it is known whether it ships the source at all. */
  notShipped(platform: string, source: string, cve: string, where: string): void;
}

/** One row for each place and source, before it is a statement. */
interface Row {
  place: Place;
  package: string;
  saying: Saying;
  severity: Severity;
  marks?: string[];
  channelFix?: string;
  evidence: string;
}

/**
 * Joins the inputs for one CVE (docs/ubuntu.md): OSV's rows decide, their reasons come from the tracker and VEX, the tracker
 * adds the rows that OSV lacks, and rows for a base release are concluded from fixes for Pro only.
 */
export function joinCve(input: CveInput, context: JoinContext): Statement[] {
  const rows = new Map<string, Row>();
  addOsvRows(rows, input, context);
  addTrackerRows(rows, input, context);
  addBaseReleases(rows, context);
  return [...rows.values()].map((row) => toStatement(row, input.cve, context));
}

/** Key of a row: one source in one place. */
export function rowKey(place: Place, source: string): string {
  return `${place.platform}|${source}|${place.channel ?? ''}`;
}

function addOsvRows(rows: Map<string, Row>, input: CveInput, context: JoinContext): void {
  const { osv, cve } = input;
  if (!osv) return;
  const { record, where } = osv;
  const stated = new Map(input.tracker?.rows.map((fact) => [rowKey(fact.place, fact.package), fact]));
  const evidence = context.evidence.osv(where, cve);
  for (const [at, entry] of record.affected.entries()) {
    const fault = entryFault(record, entry);
    const pointer = `${where}#/affected/${at}`;
    if (fault !== undefined || typeof entry.place === 'string') {
      context.ledger.drop(fault ?? (entry.place as string), pointer, entry.package, 1, subjectOf(entry));
      continue;
    }
    const key = rowKey(entry.place, entry.package);
    if (rows.has(key)) {
      context.ledger.drop('duplicate_entry', pointer, entry.package);
      continue;
    }
    const fact = stated.get(key);
    context.ledger.use();
    rows.set(key, {
      place: entry.place,
      package: entry.package,
      saying: osvSaying(entry, fact?.saying, input.vex?.get(key)),
      severity: osvSeverity(record, entry, fact, context.ledger, pointer),
      evidence,
    });
    if (fact) compareFacts(entry, fact, context.ledger, pointer);
  }
  if (record.affected.length + record.broken.length === 0) context.ledger.drop('no_affected_entry', where);
}

function entryFault(record: OsvRecord, entry: OsvEntry): string | undefined {
  if (record.withdrawn) return 'withdrawn';
  if (record.rejected) return 'rejected';
  return entry.oddRange ? 'range_not_understood' : undefined;
}

/**
 * OSV has one state, "no fix", for six: the tracker and VEX have the exact one. And it has a fix that is built and not
 * published as a fix (osv.dev#4244), which nobody can install: there the tracker's word counts.
 */
function osvSaying(entry: OsvEntry, tracker: Saying | undefined, vex: Saying | undefined): Saying {
  if (tracker && isPending(tracker, entry)) return tracker;
  if (entry.fixed !== undefined) return { status: 'fixed', fixed: entry.fixed };
  return settledReason(tracker?.status === 'affected' ? tracker : undefined, vex) ?? sayings.open;
}

const isPending = ({ status, reason }: Saying, { fixed }: OsvEntry): boolean =>
  status === 'affected' && fixed !== undefined && reason === `pending ${fixed}`;

function osvSeverity(
  record: OsvRecord,
  entry: OsvEntry,
  fact: TrackerFact | undefined,
  ledger: Ledger,
  where: string,
): Severity {
  const priority = entry.priority ?? record.priority;
  if (priority === undefined) return fact?.severity ?? 'unknown';
  const severity = severityOfPriority(priority);
  if (severity === undefined) ledger.doubt('unknown_priority', where, priority);
  return severity ?? 'unknown';
}

/** A finding says that the tracker differs; OSV's entry is used, unless its fix is pending. */
function compareFacts(entry: OsvEntry, { saying }: TrackerFact, ledger: Ledger, where: string): void {
  const differs =
    entry.fixed === undefined
      ? saying.status !== 'affected'
      : isPending(saying, entry) || (saying.status === 'fixed' && saying.fixed !== entry.fixed);
  if (!differs) return;
  const status = saying.fixed ?? (saying.status === 'affected' ? saying.reason : undefined) ?? saying.status;
  ledger.doubt('tracker_disagrees', where, `osv: ${entry.fixed ?? 'affected'}; tracker: ${status}`);
}

function addTrackerRows(rows: Map<string, Row>, input: CveInput, context: JoinContext): void {
  const { tracker, cve, osv } = input;
  if (!tracker) return;
  const evidence = context.evidence.tracker(tracker.where, cve);
  const settled = osv !== undefined && (osv.record.withdrawn || osv.record.rejected);
  // Rows of sources that are not shipped are last, when it is known which channels have the source.
  const rank = ({ saying }: TrackerFact) => Number(saying === sayings.notShipped);
  const facts = [...tracker.rows].sort((a, b) => rank(a) - rank(b));
  for (const { place, package: source, saying, severity } of facts) {
    const where = `${tracker.where}:${place.codename}_${source}`;
    const known = rows.get(rowKey(place, source));
    if (settled) context.ledger.drop(osv.record.withdrawn ? 'withdrawn' : 'rejected', where);
    else if (known) context.ledger.use();
    else if (saying === sayings.notShipped) {
      if (place.channel === undefined && !hasChannelRow(rows, place, source)) {
        context.notShipped(place.platform, source, cve, where);
      } else context.ledger.drop('not_shipped', where);
    } else {
      context.ledger.use();
      const marks = osv === undefined ? undefined : ['tracker_only'];
      const row = { place, package: source, saying, severity, evidence };
      rows.set(rowKey(place, source), marks ? { ...row, marks } : row);
    }
  }
}

function hasChannelRow(rows: ReadonlyMap<string, Row>, place: Place, source: string): boolean {
  return plainProChannels.some((channel) => rows.has(rowKey({ ...place, channel }, source)));
}

/**
 * ESM builds are the base release's code with more fixes. OSV leaves the base row out once ESM has the package, although
 * systems without Pro are as vulnerable as before (UBUNTU-CVE-2014-0021): the base row is concluded from the ESM row.
 * FIPS, realtime and BlueField builds have other code, so nothing about the base is concluded from them.
 */
function addBaseReleases(rows: Map<string, Row>, context: JoinContext): void {
  for (const row of [...rows.values()]) {
    if (!isPlainPro(row.place.channel)) continue;
    const { platform, codename } = row.place;
    const base: Place = { platform, codename };
    const key = rowKey(base, row.package);
    const known = rows.get(key);
    const stated = known === undefined || known.marks?.includes('inferred');
    if (row.saying.status === 'fixed') {
      if (known && known.saying.status !== 'affected') continue;
      if (known?.saying.fixState === 'other_channel' && !outranks(row.place.channel, known.saying.reason))
        continue;
      const saying: Saying = { status: 'affected', fixState: 'other_channel', reason: row.place.channel };
      const from = known ?? row;
      rows.set(key, {
        ...from,
        place: base,
        saying,
        channelFix: row.saying.fixed!,
        ...(stated ? { marks: ['inferred'] } : {}),
      });
    } else if (row.saying.status === 'affected' && known === undefined) {
      rows.set(key, {
        ...row,
        place: base,
        saying: baseSaying(row.saying, platform, context),
        marks: ['inferred'],
      });
    }
  }
}

function isPlainPro(channel: Channel | undefined): channel is Channel {
  return channel !== undefined && plainProChannels.includes(channel);
}

function outranks(channel: Channel, reason: string | undefined): boolean {
  const order: readonly string[] = plainProChannels;
  return order.indexOf(channel) < order.indexOf(reason ?? '');
}

/** Without a fix in ESM the base gets none either, and none will come once standard support has ended. */
function baseSaying(esm: Saying, platform: string, { life, day }: JoinContext): Saying {
  const ended = lifePhaseOn({ life: life.get(platform) ?? [] }, day) !== 'standard';
  return ended && esm.fixState !== 'will_not_fix' ? sayings.releaseEnded : esm;
}

function toStatement(row: Row, cve: string, { notices }: JoinContext): Statement {
  const { place, saying, marks, channelFix } = row;
  const statement: Statement = {
    vulnerability: cve,
    platform: place.platform,
    package: row.package,
    status: saying.status,
    // A rating of something not affected would only make equal claims different.
    severity: saying.status === 'not_affected' ? 'unknown' : row.severity,
    evidence: row.evidence,
  };
  if (saying.fixed !== undefined) {
    statement.fixed = saying.fixed;
    const advisories = notices.idsOf(cve, place.codename, row.package, saying.fixed);
    if (advisories.length > 0) statement.advisories = advisories;
  }
  if (saying.fixState !== undefined) statement.fixState = saying.fixState;
  if (saying.reason !== undefined) statement.reason = saying.reason;
  if (saying.status === 'affected' && row.severity === 'negligible') statement.suppressed = 'negligible';
  if (marks) statement.marks = marks;
  if (place.channel !== undefined) statement.channel = place.channel;
  if (channelFix !== undefined) statement.channelFix = channelFix;
  return statement;
}
