import { ScapfeedError } from '../../model/error.ts';
import {
  cvss3,
  inputMarks,
  type Ledger,
  type RecordSubject,
  type Vulnerability,
} from '../../model/feed/index.ts';
import type { SourceSink } from '../../sources/contract.ts';
import { readRecord } from '../../sources/foreign-record.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { archiveFiles, type OpenInputs, plainBytes } from './archive-files.ts';
import { type InputId, inputIds, type UbuntuDefinition } from './definition.ts';
import { type JoinContext, joinCve, rowKey, type TrackerInput } from './join.ts';
import { knownLife, lifeFromCsv } from './life.ts';
import { databaseNotices, NoticeTable, noticeAdvisory, osvNotice } from './notices.ts';
import { type OsvRecord, parseOsv, subjectsIn } from './osv.ts';
import { indexesOf, readRosters } from './packages.ts';
import { Places } from './place.ts';
import { osvEvidence, PlatformBook, trackerEvidence } from './platform-book.ts';
import { parseTracker, type TrackerRecord } from './tracker.ts';
import { trackerFacts } from './tracker-facts.ts';
import { withoutLongLists } from './trim.ts';
import { parseVex } from './vex.ts';
import type { Saying } from './vocabulary.ts';

/** The inputs of one build, and the context for reading their records. */
interface Inputs extends OpenInputs {
  out: SourceSink;
  definition: UbuntuDefinition;
  places: Places;
}

/** The content of the smaller inputs by CVE, to be joined with the OSV records. */
interface Aside {
  vex: ReadonlyMap<string, ReadonlyMap<string, Saying>>;
  tracker: Map<string, TrackerInput & { details: Vulnerability }>;
}

/** Parses and normalizes: the smaller inputs are kept by CVE, then the OSV archive is read once. */
export async function readUbuntu(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: UbuntuDefinition,
): Promise<void> {
  const inputs: Inputs = {
    snapshots: new Map(snapshots.map((snapshot) => [snapshot.id, snapshot])),
    store,
    out,
    definition,
    places: new Places(definition),
  };
  for (const id of inputIds(definition)) if (!inputs.snapshots.has(id)) out.ledger.doubt('input_absent', id);
  const life = await readLife(inputs);
  const book = new PlatformBook(out, definition.releases, life);
  const notices = await readNotices(inputs);
  const aside: Aside = { vex: await readVex(inputs), tracker: await readTracker(inputs) };
  const context: JoinContext = {
    ledger: out.ledger,
    notices,
    life,
    day: notices.newest(),
    evidence: { osv: osvEvidence, tracker: trackerEvidence },
    notShipped: (platform, source, cve, where) => book.notShipped(platform, source, cve, where),
  };
  await readOsv(inputs, aside, context, book);
  readTrackerOnly(aside, context, book, out);
  const rosters = await readRosters(snapshots, store, out.ledger, definition);
  book.finish(
    supporting.filter((id) => inputs.snapshots.has(id)),
    rosters,
    (platform) => inputMarks(indexesOf(platform, snapshots, definition)),
  );
}

/** Inputs that add to statements of any platform without being their evidence. */
const supporting: readonly InputId[] = ['ubuntu-usn', 'ubuntu-vex'];

async function readLife(inputs: Inputs) {
  const snapshot = inputs.snapshots.get('ubuntu-releases' satisfies InputId);
  if (!snapshot) return knownLife(inputs.definition.releases);
  return lifeFromCsv((await inputs.store.read(snapshot)).toString('utf8'), inputs.definition.releases);
}

/** From the USN database; without one, from a first pass over the OSV archive's own notices. */
async function readNotices(inputs: Inputs): Promise<NoticeTable> {
  const notices = new NoticeTable();
  const { ledger } = inputs.out;
  const database = inputs.snapshots.get('ubuntu-usn' satisfies InputId);
  if (database) {
    for await (const notice of databaseNotices(plainBytes(inputs, database), database.id)) {
      if (notice instanceof ScapfeedError) {
        dropMalformed(ledger, notice);
        continue;
      }
      notices.add(notice);
      inputs.out.advisory(noticeAdvisory(notice));
      ledger.use();
    }
    return notices;
  }
  for await (const { name, content } of archiveFiles(inputs, 'ubuntu-osv', isOsvNotice)) {
    // Malformed records are counted later, when the archive is read for its records.
    const record = readRecord(`${name}#`, () => parseOsv(content.toString('utf8'), inputs.places));
    if (!(record instanceof ScapfeedError)) notices.add(osvNotice(record));
  }
  return notices;
}

async function readVex(inputs: Inputs): Promise<Aside['vex']> {
  const reasons = new Map<string, Map<string, Saying>>();
  const { ledger } = inputs.out;
  for await (const { name, content } of archiveFiles(inputs, 'ubuntu-vex', isJson)) {
    const statements = readRecord(`${name}#`, () => parseVex(content.toString('utf8'), inputs.places));
    if (statements instanceof ScapfeedError) {
      dropMalformed(ledger, statements);
      continue;
    }
    for (const [at, statement] of statements.entries()) {
      if (statement instanceof ScapfeedError) {
        dropMalformed(ledger, statement, `${name}#`);
        continue;
      }
      const { cve, saying, why, targets } = statement;
      if (!saying) {
        ledger.drop(why ?? 'unknown_action', `${name}#/statements/${at}`);
        continue;
      }
      ledger.use();
      const known = reasons.get(cve) ?? new Map<string, Saying>();
      reasons.set(cve, known);
      for (const { place, package: source } of targets) known.set(rowKey(place, source), saying);
    }
    if (statements.length === 0) ledger.doubt('no_vex_statement', name);
  }
  return reasons;
}

async function readTracker(inputs: Inputs): Promise<Aside['tracker']> {
  const records: Aside['tracker'] = new Map();
  const { ledger } = inputs.out;
  for await (const { name, content } of archiveFiles(inputs, 'ubuntu-tracker', isTrackerFile)) {
    const [, folder = '', file = ''] = trackerPath.exec(name)!;
    const record = parseTracker(content.toString('utf8'), folder, file);
    if (records.has(record.cve)) {
      const { length } = record.rows;
      ledger.drop('duplicate_record', `${folder}/${file}`, undefined, Math.max(1, length));
      continue;
    }
    records.set(record.cve, {
      ...trackerFacts(record, inputs.places, ledger),
      details: trackerDetails(record),
    });
  }
  return records;
}

async function readOsv(
  inputs: Inputs,
  aside: Aside,
  context: JoinContext,
  book: PlatformBook,
): Promise<void> {
  const seen = new Set<string>();
  const { ledger } = inputs.out;
  const documents = { all: 0, unreadable: 0 };
  for await (const { name, content } of archiveFiles(inputs, 'ubuntu-osv', isJson)) {
    documents.all += 1;
    const record = readRecord(`${name}#`, () => wholeRecord(content, inputs.places));
    if (record instanceof ScapfeedError) {
      const subjects = subjectsIn(content.toString('utf8'), inputs.places);
      const malformed = { reason: 'malformed_record', where: record.where ?? name, detail: record.message };
      ledger.drop(malformed.reason, malformed.where, malformed.detail, Math.max(1, subjects.length));
      // A notice makes no statements.
      const decides = !isOsvNotice(name);
      for (const about of subjects) if (about && (decides || about.package)) ledger.unread(about, malformed);
      documents.unreadable += 1;
      continue;
    }
    const subjects = record.broken.length > 0 ? subjectsIn(content.toString('utf8'), inputs.places) : [];
    for (const entry of record.broken) {
      const at = /^\/affected\/(\d+)/.exec(entry.where ?? '')?.[1];
      dropMalformed(ledger, entry, `${name}#`, subjects[Number(at)]);
    }
    const { cve, modified, published } = record;
    // Notices only add to the archive's records, so they do not date it.
    inputs.out.dated('ubuntu-osv' satisfies InputId, modified ?? published ?? '');
    // Entries that are not listed one by one below.
    const rest = record.affected.length + Number(record.affected.length + record.broken.length === 0);
    if (record.id.startsWith('USN-')) {
      inputs.out.advisory(noticeAdvisory(osvNotice(record)));
      ledger.use();
    } else if (record.id.startsWith('LSN-')) ledger.drop('livepatch', name);
    else if (cve === undefined) {
      ledger.drop('no_cve', name, undefined, rest);
      // It is about a CVE, but its id does not have the form of one.
      if (record.id.includes('CVE'))
        for (const about of subjectsIn(content.toString('utf8'), inputs.places))
          if (about) ledger.unread(about, { reason: 'no_cve', where: name, detail: record.id.slice(0, 80) });
    } else if (seen.has(cve)) ledger.drop('duplicate_record', name, undefined, rest);
    else {
      seen.add(cve);
      const tracker = aside.tracker.get(cve);
      aside.tracker.delete(cve);
      const vex = aside.vex.get(cve);
      const osv = { record, where: name };
      const statements = joinCve({ cve, osv, ...(tracker && { tracker }), ...(vex && { vex }) }, context);
      for (const statement of statements) book.statement(statement);
      if (statements.length > 0) inputs.out.vulnerability(osvDetails(cve, record, name, ledger));
    }
  }
  if (inputs.snapshots.has('ubuntu-osv' satisfies InputId)) requireRecords(documents, inputs.definition);
}

/** A few malformed documents are findings; an archive with many, or an empty one, is refused. */
function requireRecords(
  { all, unreadable }: { all: number; unreadable: number },
  { unreadableShare }: UbuntuDefinition,
): void {
  if (all > 0 && unreadable / all <= unreadableShare) return;
  throw new ScapfeedError({
    code: 'SOURCE_OVER_BUDGET',
    message: `expected OSV records of which at most ${unreadableShare * 100} % cannot be read, found ${unreadable} of ${all}`,
    where: 'ubuntu-osv' satisfies InputId,
    remedy: 'fetch the archive again; the last good feed is kept',
  });
}

function readTrackerOnly(
  { tracker, vex }: Aside,
  context: JoinContext,
  book: PlatformBook,
  out: SourceSink,
): void {
  for (const [cve, entry] of tracker) {
    const reasons = vex.get(cve);
    const statements = joinCve({ cve, tracker: entry, ...(reasons && { vex: reasons }) }, context);
    for (const statement of statements) book.statement(statement);
    if (statements.length > 0) out.vulnerability(entry.details);
  }
  tracker.clear();
}

/** Long lists are removed before parsing; if that breaks the JSON, the whole document is parsed. */
function wholeRecord(content: Buffer, places: Places): OsvRecord {
  const short = readRecord('', () => parseOsv(withoutLongLists(content), places));
  const isWhole = !(short instanceof ScapfeedError) && short.broken.length === 0;
  return isWhole ? short : parseOsv(content.toString('utf8'), places);
}

/** One malformed record among 55,000 is a finding and does not end the build. */
function dropMalformed(
  ledger: Ledger,
  { message, where = '' }: ScapfeedError,
  document = '',
  about?: RecordSubject,
): void {
  ledger.drop('malformed_record', document + where, message, 1, about);
}

function isJson(name: string): boolean {
  return name.endsWith('.json');
}

function isOsvNotice(name: string): boolean {
  return /(?:^|\/)osv\/usn\/[^/]+\.json$/.test(name);
}

const trackerPath = /(?:^|\/)(active|retired|ignored|embargoed)\/(CVE-\d{4}-[^/]+)$/;

function isTrackerFile(name: string): boolean {
  return trackerPath.test(name);
}

/**
 * Details of a CVE in an OSV record that is not withdrawn. OSV has CVSS vectors without scores; a vector that is not of
 * version 3 is left out with a doubt, because its score is not computed.
 */
function osvDetails(cve: string, record: OsvRecord, where: string, ledger: Ledger): Vulnerability {
  const reason = record.affected.find(({ priorityReason }) => priorityReason !== undefined)?.priorityReason;
  const cvss = record.cvss.flatMap((vector) => {
    const scored = cvss3(vector);
    if (!scored) ledger.doubt('cvss_not_scored', where, vector);
    return scored ?? [];
  });
  cvss.sort((a, b) => (a.version === b.version ? b.score - a.score : a.version < b.version ? 1 : -1));
  return {
    id: cve,
    ...(record.details ? { description: record.details } : {}),
    ...(record.published === undefined ? {} : { published: record.published }),
    ...(cvss.length > 0 ? { cvss } : {}),
    ...(record.references.length > 0 ? { references: record.references } : {}),
    ...(reason ? { severityReason: reason } : {}),
  };
}

/** The same from a file of the tracker. */
function trackerDetails(record: TrackerRecord): Vulnerability {
  return {
    id: record.cve,
    ...(record.description ? { description: record.description } : {}),
    ...(record.published === undefined ? {} : { published: record.published }),
    ...(record.priorityReason ? { severityReason: record.priorityReason } : {}),
  };
}
