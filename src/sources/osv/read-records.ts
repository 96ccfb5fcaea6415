import { ScapfeedError } from '../../model/error.ts';
import type { Platform, Severity, Statement } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { VersionOrder } from '../../packaging/order.ts';
import { type AffectedRange, rangeText } from '../../packaging/range.ts';
import type { EvidenceDocument, SourceSink } from '../contract.ts';
import { dayOrNone } from '../fields.ts';
import { readRecord } from '../foreign-record.ts';
import type { Blob, SnapshotStore, SourceInput } from '../snapshots.ts';
import { affectedRange } from './affected.ts';
import { eachRecordFile, type RecordFile } from './archive.ts';
import { flawsOf } from './flaws.ts';
import { type AdvisoryRecord, type AffectedEntry, parseAdvisory } from './record.ts';
import { scoredSeverity } from './severity.ts';
import { unionOf } from './union.ts';

/** Conventions of a package vendor's OSV records. */
export interface OsvVocabulary {
  /** Prefix of the ids of its records. */
  prefix: string;
  /** Of the archive's files those below it are its records. Absent: all. */
  folder?: string;
  /** A record is about several flaws, and each of its ids is one. Absent: other ids are names of its CVE. */
  severalFlaws?: true;
  /** `versions` repeats the fix, which is not affected. */
  versionsAreFixes?: true;
  /** Names are those of source packages, or of binary ones. */
  subject: 'source' | 'binary';
  /** Form of the names of packages. */
  names: RegExp;
  /** All that its records may be about. */
  platforms: readonly Platform[];
  /**
   * The platforms that an entry is about, or why it is used for none; `unread`: those that it may be about all the same. The order of
   * versions is theirs, whatever type a range has.
   */
  platformsOf(
    entry: AffectedEntry,
  ): readonly Platform[] | { reason: string; detail: string; unread?: readonly Platform[] };
  orderOf(platform: Platform): VersionOrder<string>;
}

/** The share of records that may be malformed before an archive is refused, and a number of them that may be in any case. */
export interface OsvTolerance {
  malformedShare: number;
  malformedFew: number;
  /** An archive without a record is none yet. */
  mayBeEmpty?: boolean;
}

/** @throws SOURCE_MALFORMED: too many records have another form, there is none, or none affects a package */
export async function checkOsvArchive(
  blob: Blob,
  store: SnapshotStore,
  where: string,
  vocabulary: OsvVocabulary,
  tolerance: OsvTolerance,
): Promise<void> {
  let records = 0;
  let faults = 0;
  let affects = false;
  await eachRecordFile(blob, store, { where, folder: vocabulary.folder }, (file) => {
    const record = recordIn(file, vocabulary);
    if (record instanceof ScapfeedError) faults += 1;
    else {
      records += 1;
      affects ||= affectsPackage(record, vocabulary);
    }
  });
  requireRecords(records, faults, where, tolerance);
  if (records > 0 && !affects) throw nothingAffected(records, where);
}

/** Whether an entry of it can be used, and says that a version is affected. */
function affectsPackage({ withdrawn, affected }: AdvisoryRecord, vocabulary: OsvVocabulary): boolean {
  if (withdrawn) return false;
  return affected.some((entry) => {
    const platforms = vocabulary.platformsOf(entry);
    if ('reason' in platforms || !vocabulary.names.test(entry.name)) return false;
    const stated = vocabulary.versionsAreFixes ? withoutFixes(entry) : entry;
    return platforms.some((platform) => {
      const range = affectedRange(stated, vocabulary.orderOf(platform));
      return !('fault' in range) && affectsVersion(range);
    });
  });
}

/** Of records that affect no package, every image would look clean. */
function nothingAffected(records: number, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected records that affect packages, found none among ${records}`,
    where,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}

function requireRecords(
  records: number,
  faults: number,
  where: string,
  { malformedShare, malformedFew, mayBeEmpty = false }: OsvTolerance,
): void {
  if (mayBeEmpty && records + faults === 0) return;
  if (records > 0 && faults <= Math.max(malformedFew, malformedShare * (records + faults))) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected OSV records, found ${faults} of ${records + faults} in another form`,
    where,
    remedy: 'fetch it again; if the format has changed, a newer scapfeed is needed',
  });
}

/** The statements of all records about a flaw in a package of a platform. */
interface Joined {
  platform: Platform;
  package: string;
  vulnerability: string;
  /** Of the packages' URLs, sorted: the builds that it is about. Undefined: all. */
  arch: string[] | undefined;
  range: AffectedRange;
  severity: Severity;
  /** An id may occur more than once. */
  advisories: string[];
  evidence: string;
  /** Ranges to join later: a long range is sorted once for many records, not for each. */
  waiting: Pick<Joined, 'range' | 'evidence'>[];
  /** Intervals and versions of `waiting`. */
  waitingSize: number;
}

/**
 * The records of an archive as statements. What several records, or several entries of one, say about a flaw in a package is joined: a
 * version is affected if one of them says so. So a package is fixed by the highest fix of its components, and has no fix if one of them
 * has none. Each entry is used or counted. Returns the number of records.
 */
export async function readOsvRecords(
  input: SourceInput,
  store: SnapshotStore,
  out: SourceSink,
  vocabulary: OsvVocabulary,
  tolerance: OsvTolerance,
): Promise<number> {
  const joined = new Map<string, Joined>();
  const { folder } = vocabulary;
  const unread = { platforms: vocabulary.platforms.map(({ id }) => id) };
  let records = 0;
  let faults = 0;
  await eachRecordFile(input, store, { where: input.url, folder }, (file) => {
    const record = recordIn(file, vocabulary);
    if (record instanceof ScapfeedError) {
      faults += 1;
      out.ledger.drop('malformed_record', `${input.id}#${file.name}`, record.message, 1, unread);
      return;
    }
    records += 1;
    readOsvRecord(record, fileName(file.name), { input, out, vocabulary, joined });
  });
  requireRecords(records, faults, input.url, tolerance);
  const rows = [...joined].sort(([a], [b]) => compareCodeUnits(a, b)).map(([, row]) => row);
  for (const row of rows) takeWaiting(row, vocabulary.orderOf(row.platform));
  if (records > 0 && !rows.some(({ range }) => affectsVersion(range)))
    throw nothingAffected(records, input.url);
  for (const row of ofAllArchitectures(rows)) {
    const { platform, vulnerability, severity, advisories, evidence, arch } = row;
    out.statement({
      ...{ vulnerability, platform: platform.id, package: row.package, ...outcomeOf(row) },
      ...(vocabulary.subject === 'binary' && { subject: 'binary' }),
      ...(arch !== undefined && { arch: [...arch] }),
      ...{ severity, advisories: [...new Set(advisories)].sort(compareCodeUnits), evidence },
    });
  }
  return records;
}

function recordIn(
  file: RecordFile,
  { prefix }: Pick<OsvVocabulary, 'prefix'>,
): AdvisoryRecord | ScapfeedError {
  return readRecord('', () => {
    const record = parseAdvisory(file.content().toString('utf8'));
    if (record.id.startsWith(prefix)) return record;
    throw new ScapfeedError({
      code: 'SOURCE_MALFORMED',
      message: `expected an id that begins with ${prefix}, found ${record.id.slice(0, 80)}`,
    });
  });
}

interface Reading {
  input: SourceInput;
  out: SourceSink;
  vocabulary: OsvVocabulary;
  joined: Map<string, Joined>;
}

function readOsvRecord(record: AdvisoryRecord, file: string, reading: Reading): void {
  const { input, out, vocabulary } = reading;
  const place = `${input.id}#${file}`;
  if (record.withdrawn) {
    out.ledger.drop('withdrawn', place);
    return;
  }
  if (record.modified) out.dated(input.id, record.modified);
  if (record.affected.length === 0) {
    out.ledger.drop('no_affected_entry', place);
    return;
  }
  const { ids, aliases, rest } = flawsOf(record, vocabulary.severalFlaws === true);
  if (rest.length > 0) out.ledger.doubt('unknown_vulnerability_id', place, rest.join(' ').slice(0, 80));
  const full = withoutRoom(record.affected, ids.length, reading);
  const used = record.affected.filter((entry) => readOsvEntry(entry, record, ids, full, place, reading));
  if (used.length === 0) return;
  for (const id of ids) out.vulnerability({ id, ...(aliases.length > 0 && { aliases: [...aliases] }) });
  const date = dayOrNone(record.published);
  out.advisory({
    id: record.id,
    ...(date && { date }),
    ...(record.summary && { title: record.summary }),
  });
}

/** So many versions of an entry take as much memory as a package. */
const versionsOfPackage = 16;

/** The platforms that have no room for the flaws of a record in each of its entries. */
function withoutRoom(
  entries: readonly AffectedEntry[],
  flaws: number,
  { out, vocabulary }: Reading,
): ReadonlySet<string> {
  const packages = new Map<string, number>();
  for (const entry of entries) {
    const size = entry.ranges.reduce((sum, { events }) => sum + events.length, entry.versions.length);
    const platforms = vocabulary.platformsOf(entry);
    for (const { id } of 'reason' in platforms ? [] : platforms)
      packages.set(id, (packages.get(id) ?? 0) + 1 + Math.floor(size / versionsOfPackage));
  }
  const full = [...packages].filter(([id, number]) => !out.ledger.hasRoom(id, number, flaws));
  return new Set(full.map(([id]) => id));
}

/** Whether the entry is used. */
function readOsvEntry(
  entry: AffectedEntry,
  record: AdvisoryRecord,
  flaws: readonly string[],
  full: ReadonlySet<string>,
  place: string,
  { out, vocabulary, joined }: Reading,
): boolean {
  const where = `${place}/affected/${entry.at}`;
  const drop = (reason: string, detail: string, about?: readonly Platform[]) => {
    const subject = about && { platforms: about.map(({ id }) => id), package: entry.name };
    out.ledger.drop(reason, where, detail.slice(0, 80), 1, subject);
    return false;
  };
  const platforms = vocabulary.platformsOf(entry);
  if ('reason' in platforms) return drop(platforms.reason, platforms.detail, platforms.unread);
  if (!vocabulary.names.test(entry.name)) return drop('no_package_name', entry.name, platforms);
  if (platforms.some(({ id }) => full.has(id)))
    return drop('too_many_flaws', `${flaws.length} flaws`, platforms);
  const stated = vocabulary.versionsAreFixes ? withoutFixes(entry) : entry;
  const ranges = platforms.map((platform) => ({
    platform,
    range: affectedRange(stated, vocabulary.orderOf(platform)),
  }));
  const fault = ranges.map(({ range }) => range).find((range) => 'fault' in range);
  if (fault && 'fault' in fault) return drop(fault.fault, fault.detail, platforms);
  out.ledger.use();
  // Scores of a record about several flaws are not of each.
  const severity = flaws.length > 1 ? 'unknown' : severityOf(record);
  for (const { platform, range } of ranges)
    for (const vulnerability of flaws) {
      const arch = archOf(entry);
      const key = [platform.id, entry.name, vulnerability, arch ?? ''].join('\0');
      const known = joined.get(key);
      const row = {
        range: range as AffectedRange,
        severity,
        advisories: [record.id],
        evidence: `${place}/{package}/{vulnerability}`,
      };
      if (known) joinRow(known, row, vocabulary.orderOf(platform));
      else
        joined.set(key, {
          platform,
          package: entry.name,
          vulnerability,
          arch: arch === undefined ? undefined : [arch],
          ...row,
          ...{ waiting: [], waitingSize: 0 },
        });
    }
  return true;
}

/** Rows of one package and flaw that say the same of several architectures are one. */
function ofAllArchitectures(rows: readonly Joined[]): Joined[] {
  const alike = new Map<string, Joined>();
  for (const row of rows) {
    const { platform, package: name, vulnerability, arch, range, severity } = row;
    const content = JSON.stringify([rangeText(range), severity]);
    const key = [platform.id, name, vulnerability, arch === undefined ? '' : content].join('\0');
    const known = alike.get(key);
    if (known?.arch && arch) {
      known.arch.push(...arch);
      for (const id of row.advisories) known.advisories.push(id);
    } else alike.set(key, row);
  }
  return [...alike.values()];
}

/** Up to this size, a range is joined with every other one at once. */
const shortRange = 64;

function joinRow(
  known: Joined,
  row: Pick<Joined, 'range' | 'severity' | 'advisories' | 'evidence'>,
  order: VersionOrder<string>,
): void {
  const { range, evidence } = row;
  known.waiting.push({ range, evidence });
  known.waitingSize += sizeOf(range);
  if (known.severity === 'unknown') known.severity = row.severity;
  for (const id of row.advisories) if (known.advisories.at(-1) !== id) known.advisories.push(id);
  const size = sizeOf(known.range);
  if (size <= shortRange || known.waitingSize >= size) takeWaiting(known, order);
}

function takeWaiting(known: Joined, order: VersionOrder<string>): void {
  const last = known.waiting.at(-1);
  if (last === undefined) return;
  const range = unionOf([known.range, ...known.waiting.map((each) => each.range)], order);
  // The record whose range is that of both decides.
  if (rangeText(range) !== rangeText(known.range)) known.evidence = last.evidence;
  known.range = range;
  known.waiting = [];
  known.waitingSize = 0;
}

function sizeOf({ intervals, versions }: AffectedRange): number {
  return intervals.length + versions.length;
}

function severityOf({ severity, vectors }: AdvisoryRecord): Severity {
  return severity === 'unknown' ? scoredSeverity(vectors) : severity;
}

function withoutFixes({ ranges, versions }: AffectedEntry): Pick<AffectedEntry, 'ranges' | 'versions'> {
  const fixes = new Set(
    ranges.flatMap(({ events }) => events.flatMap((each) => (each.kind === 'fixed' ? each.version : []))),
  );
  return { ranges, versions: versions.filter((version) => !fixes.has(version)) };
}

/** The architecture in the entry's package URL. */
function archOf({ purl = '' }: AffectedEntry): string | undefined {
  const arch = new URLSearchParams(purl.split('?')[1] ?? '').get('arch') ?? '';
  return /^[a-z0-9_]{2,20}$/.test(arch) ? arch : undefined;
}

/** Of a fix in the version `0` nothing was ever affected. */
function isOfVersions({ from, fixed }: AffectedRange['intervals'][number]): boolean {
  return from !== undefined || fixed !== '0';
}

function affectsVersion({ intervals, versions }: AffectedRange): boolean {
  return versions.length > 0 || intervals.some(isOfVersions);
}

/** A range up to a fix is that fix, one of all versions has none; any other one is written out. A fix below all versions is none. */
function outcomeOf({ range }: Joined): Pick<Statement, 'status' | 'fixed' | 'fixState' | 'range' | 'reason'> {
  const { versions } = range;
  const intervals = range.intervals.filter(isOfVersions);
  const [first] = intervals;
  if (first === undefined && versions.length === 0)
    return { status: 'not_affected', reason: 'vulnerable_code_not_present' };
  const isWhole = versions.length === 0 && intervals.length === 1 && first?.from === undefined;
  if (isWhole && first?.last === undefined)
    return first?.fixed === undefined
      ? { status: 'affected', fixState: 'none_yet' }
      : { status: 'fixed', fixed: first.fixed };
  return { status: 'affected', fixState: 'none_yet', range: rangeText({ intervals, versions }) };
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The record that evidence names: `FILE/PACKAGE/FLAW`. */
export async function osvEvidence(
  input: SourceInput,
  pointer: string,
  store: SnapshotStore,
  vocabulary: Pick<OsvVocabulary, 'folder' | 'prefix' | 'severalFlaws'>,
): Promise<EvidenceDocument | undefined> {
  const [file, name, flaw = ''] = pointer.split('/');
  const { folder, severalFlaws } = vocabulary;
  let document: EvidenceDocument | undefined;
  await eachRecordFile(input, store, { where: input.url, folder }, (found) => {
    if (fileName(found.name) !== file) return;
    const record = recordIn(found, vocabulary);
    if (record instanceof ScapfeedError) return;
    if (!flawsOf(record, severalFlaws === true).ids.includes(flaw)) return;
    if (record.affected.some((entry) => entry.name === name))
      document = { place: `${input.url}, file ${found.name}`, bytes: found.content(), pointer: '/affected' };
  });
  return document;
}
