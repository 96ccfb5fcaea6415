import { decompress } from '../../io/decompress.ts';
import { ownText } from '../../io/private-cache.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { SourceSink } from '../contract.ts';
import { readBuild } from '../errata/build.ts';
import { type Erratum, type ErratumPackage, type Fault, ofThisCentury } from '../errata/erratum.ts';
import { type MalformedLimits, requireShare } from '../errata/malformed-share.ts';
import { malformed, word } from '../fields.ts';
import { readRecord } from '../foreign-record.ts';
import { malformedMetadata, readMetadata } from '../repodata/read-metadata.ts';
import type { SnapshotStore, SourceInput } from '../snapshots.ts';

/** An update of updateinfo. */
export interface ListedUpdate extends Erratum {
  /** Seconds since 1970. */
  updated: number | undefined;
  /** CVEs in its title and in those of its bugs. */
  titled: readonly string[];
  /** CVEs in its description: of those that it fixes, and of others. */
  described: readonly string[];
  /** Short names of the collections that its packages are of: `amazon-linux-2---docker`. */
  collections: readonly string[];
}

/** `at` counts from 1; `subjects`: what an update is about that cannot be read. */
export type ReadUpdate = { at: number } & (
  | { update: ListedUpdate }
  | { fault: Fault; subjects: Pick<Fault, 'package'>[] }
);

/** Unpacked; those with a release's whole history have some 12 MB. */
export const maxPlainBytes = 2 ** 28;

/** More than a release has in a hundred years. */
const maxUpdates = 200_000;

/** Of one update; those of the kernel and of LibreOffice have some hundred. */
const maxRows = 20_000;

/** A name, a version or an id; nothing longer is one. */
const maxWordLength = 255;

/** Where an update's text stands, below `updates/update`. */
type TextField = 'id' | 'title' | 'severity' | 'description';

const fields: readonly string[] = ['id', 'title', 'severity', 'description'] satisfies TextField[];

/** Characters; that of an update of all of KDE has some 50,000. */
const maxDescription = 2 ** 20;

/** Of one update; those of browsers name some fifty. */
const maxTitled = 2000;

/** Where a list is kept, what is made of it, and how much of it may be malformed. */
interface ListReading {
  store: SnapshotStore;
  out: SourceSink;
  definition: MalformedLimits;
}

/**
 * Reads the list of updates of a platform, and dates it by its newest one. `use` returns false for an update of another list, which
 * counts as malformed, as those that cannot be read; undefined if it drops it.
 * @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
export async function readUpdateList(
  input: SourceInput,
  platform: string,
  { store, out, definition }: ListReading,
  use: (update: ListedUpdate, place: string) => boolean | undefined,
): Promise<void> {
  const where = store.path(input);
  let newest = 0;
  let faults = 0;
  const count = await readUpdates(store.open(input), where, (read) => {
    const place = `${input.id}#update:${read.at}`;
    if ('fault' in read) {
      faults += 1;
      const record = { reason: 'wrong_type', where: place, detail: read.fault.message };
      out.ledger.drop(record.reason, record.where, record.detail);
      for (const about of read.subjects) out.ledger.unread({ platforms: [platform], ...about }, record);
      return;
    }
    const { update } = read;
    const outcome = use(update, place);
    if (outcome === false) faults += 1;
    if (outcome) newest = Math.max(newest, update.issued ?? 0, update.updated ?? 0);
  });
  requireShare(faults, count, definition, where);
  if (newest > 0) out.dated(input.id, new Date(newest * 1000).toISOString());
}

/**
 * Reads the updates of a repository's updateinfo.xml, in any compression, one at a time. Returns how many there are.
 * @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
export async function readUpdates(
  body: AsyncIterable<Uint8Array>,
  where: string,
  take: (read: ReadUpdate) => void,
): Promise<number> {
  let count = 0;
  let raw: RawUpdate = newUpdate({});
  let field: TextField = 'id';
  /** Element of depth 3 that is open. */
  let part = '';
  await readMetadata(decompress(body, { maxBytes: maxPlainBytes, where }), where, {
    attributesTo: 5,
    open(_, name, depth, attributes) {
      if (depth === 1 && name !== 'updates')
        throw malformedMetadata(`expected the element updates, found ${name.slice(0, 80)}`, where);
      if (depth === 2) {
        count += 1;
        if (count > maxUpdates) throw tooLarge(`${maxUpdates} updates in a repository`, where);
        raw = newUpdate(attributes);
        if (name !== 'update') raw.fault = `expected the element update, found ${name.slice(0, 80)}`;
      }
      if (depth === 3) {
        part = name;
        if (name === 'issued' || name === 'updated') raw[name] = secondsOf(attributes['date']);
        if (isField(name)) {
          field = name;
          return name !== 'description' || maxDescription;
        }
      }
      if (depth === 4 && part === 'references' && name === 'reference') raw.references.push(attributes);
      if (depth === 4 && part === 'pkglist' && name === 'collection')
        raw.collections.push(attributes['short'] ?? '');
      if (depth === 5 && part === 'pkglist' && name === 'package') raw.rows.push(attributes);
      if (raw.rows.length + raw.references.length + raw.collections.length > maxRows)
        throw tooLarge(`${maxRows} packages, collections and references of an update`, where);
      return false;
    },
    text(text) {
      if (raw[field] !== undefined) raw.fault ??= `expected one element ${field}, found several`;
      raw[field] = text;
    },
    close(depth) {
      if (depth === 2) take(readOne(raw, count));
    },
  });
  return count;
}

/** An update as it is read. */
interface RawUpdate extends Partial<Record<TextField, string>> {
  type: string;
  issued?: number | undefined;
  updated?: number | undefined;
  references: Readonly<Record<string, string>>[];
  collections: string[];
  rows: Readonly<Record<string, string>>[];
  fault?: string;
}

function newUpdate({ type = '' }: Readonly<Record<string, string>>): RawUpdate {
  return { type, references: [], collections: [], rows: [] };
}

function readOne(raw: RawUpdate, at: number): ReadUpdate {
  const pointer = `update:${at}`;
  const update = readRecord(pointer, () => updateOf(raw, pointer));
  if (!(update instanceof ScapfeedError)) return { at, update };
  const names = [...new Set(raw.rows.map(({ name }) => name))];
  return {
    at,
    fault: { pointer, message: update.message },
    subjects: names.length === 0 ? [{}] : names.map(named),
  };
}

function updateOf(raw: RawUpdate, pointer: string): ListedUpdate {
  if (raw.fault !== undefined) throw new ScapfeedError({ code: 'SOURCE_MALFORMED', message: raw.fault });
  const id = word(raw.id, '/id');
  if (!/^[A-Za-z0-9][\w.:+-]*$/.test(id) || id.length > maxWordLength)
    throw malformed('/id', 'the id of an update', id);
  const { packages, faults } = rowsIn(raw.rows, pointer);
  return {
    id: ownText(id),
    security: raw.type.toLowerCase() === 'security',
    type: ownText(raw.type.slice(0, 80)),
    severity: ownText(raw.severity ?? ''),
    title: ownText(raw.title ?? ''),
    description: '',
    issued: raw.issued,
    updated: raw.updated,
    page: undefined,
    cves: cvesOf(raw.references),
    titled: cvesIn([raw.title, ...raw.references.map(({ title }) => title)], '/references'),
    described: cvesIn([raw.description], '/description'),
    modules: [],
    collections: [...new Set(raw.collections.map(ownText))],
    packages,
    faults,
  };
}

/** One that does not have its form is a fault, and the others count. */
function rowsIn(rows: RawUpdate['rows'], update: string): { packages: ErratumPackage[]; faults: Fault[] } {
  const packages: ErratumPackage[] = [];
  const faults: Fault[] = [];
  for (const [index, raw] of rows.entries()) {
    const pointer = `${update}/package:${index + 1}`;
    const read = readRecord(pointer, () => {
      const { name, evr, arch } = readBuild(raw);
      if (name.length > maxWordLength || evr.length > maxWordLength)
        throw malformed('/name', `at most ${maxWordLength} characters`, name);
      return { name: ownText(name), evr: ownText(evr), arch: ownText(arch), module: undefined, pointer };
    });
    if (read instanceof ScapfeedError) faults.push({ pointer, message: read.message, ...named(raw['name']) });
    else packages.push(read);
  }
  return { packages, faults };
}

function named(name: string | undefined): Pick<Fault, 'package'> {
  return name === undefined ? {} : { package: ownText(name) };
}

/** @throws SOURCE_MALFORMED */
function cvesIn(texts: readonly (string | undefined)[], where: string): string[] {
  const ids = new Set<string>();
  for (const text of texts) {
    for (const [id] of (text ?? '').matchAll(/\bCVE-\d{4}-\d{4,15}\b/g)) ids.add(ownText(id));
    if (ids.size > maxTitled) throw malformed(where, `at most ${maxTitled} vulnerabilities`, ids.size);
  }
  return [...ids];
}

function isField(name: string): name is TextField {
  return fields.includes(name);
}

function cvesOf(references: RawUpdate['references']): string[] {
  const ids = references.flatMap(({ type = '', id = '' }) =>
    type.toLowerCase() === 'cve' ? [ownText(id.trim())] : [],
  );
  return [...new Set(ids)];
}

/** `2018-01-11 21:05`, with or without seconds: in UTC, whether the zone is stated (`Z`) or not. */
function secondsOf(date: string | undefined): number | undefined {
  const form = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?(?:\.\d+)?(?:Z| UTC)?$/;
  const [, day, minute, second = ':00'] = form.exec(date ?? '') ?? [];
  return day === undefined ? undefined : ofThisCentury(Date.parse(`${day}T${minute}${second}Z`) / 1000);
}

function tooLarge(limit: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_TOO_LARGE',
    message: `expected at most ${limit}, found more`,
    where,
  });
}
