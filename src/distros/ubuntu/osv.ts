import { ScapfeedError } from '../../model/error.ts';
import type { RecordSubject } from '../../model/feed/index.ts';
import {
  list,
  malformed,
  optionalText,
  optionalWord,
  record,
  text,
  textOrNone,
  texts,
  word,
} from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';
import type { NoPlace, Place, Places } from './place.ts';

/** The fields that are read from an OSV record (schema 1.3 to 1.7 as Canonical writes it). */
export interface OsvRecord {
  /** Record id: `UBUNTU-CVE-2014-9913`, `USN-7095-1`, `LSN-0108-1`. */
  id: string;
  /** The CVE a record is about; absent on notices. */
  cve?: string;
  /** CVEs that a notice names. */
  noticeCves: readonly string[];
  withdrawn: boolean;
  /** The CVE was rejected by its issuer, although the record is not withdrawn. */
  rejected: boolean;
  summary?: string;
  details?: string;
  published?: string;
  /** When the record was last changed. */
  modified?: string;
  cvss: readonly string[];
  priority?: string;
  references: readonly string[];
  affected: readonly OsvEntry[];
  /** Malformed entries, with their pointers. */
  broken: readonly ScapfeedError[];
}

/** One source package in one place. */
export interface OsvEntry {
  place: Place | NoPlace;
  package: string;
  /** Undefined: no fix. */
  fixed?: string;
  /** A range other than `from the beginning to FIXED`. */
  oddRange: boolean;
  priority?: string;
  priorityReason?: string;
  /** CVEs that a notice fixes in this place. */
  cves: readonly string[];
}

// Largest record seen: 886 kB with 234 entries. The limit is on entries, because the work depends on them.
const maxEntries = 20_000;

/**
 * Reads one OSV record; malformed entries are in `broken`, and the others are read. @throws SOURCE_NOT_JSON,
 * SOURCE_MALFORMED with a JSON pointer (foreign-record.ts)
 */
export function parseOsv(json: string, places: Places): OsvRecord {
  const raw: RawRecord = record(parseJsonText(json), '');
  const id = text(raw.id, '/id');
  const entries = list<unknown>(raw.affected, '/affected');
  if (entries.length > maxEntries) throw malformed('/affected', `at most ${maxEntries} entries`, entries);
  const names = [id, ...texts(raw.upstream, '/upstream'), ...texts(raw.related, '/related')];
  const named = cvesNamed(names);
  const severities = list<unknown>(raw.severity, '/severity').map(readSeverity);
  const priority = severities.find(({ type }) => type === 'Ubuntu')?.score;
  const summary = textOrNone(raw.summary);
  const details = textOrNone(raw.details);
  const published = textOrNone(raw.published);
  const modified = textOrNone(raw.modified);
  const [cve] = isNotice(id) ? [] : named;
  const broken: ScapfeedError[] = [];
  const affected: OsvEntry[] = [];
  for (let at = 0; at < entries.length; at++) {
    const entry = readRecord(`/affected/${at}`, () => readEntry(entries[at], places));
    if (entry instanceof ScapfeedError) broken.push(entry);
    else affected.push(entry);
  }
  return {
    id,
    ...(cve === undefined ? {} : { cve }),
    noticeCves: isNotice(id) ? named : [],
    // Ubuntu withdraws records without a change of theirs: the time is after `modified`.
    withdrawn: !Number.isNaN(Date.parse(textOrNone(raw.withdrawn) ?? '')),
    rejected: /^(?:Rejected reason:|\*\* ?REJECT)/i.test(details ?? ''),
    ...(summary === undefined ? {} : { summary }),
    ...(details === undefined ? {} : { details }),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    cvss: severities.filter(({ type }) => type.startsWith('CVSS')).map(({ score }) => score),
    ...(priority === undefined ? {} : { priority }),
    references: list<{ url?: unknown } | null>(raw.references, '/references').flatMap(
      (reference) => textOrNone(reference?.url) ?? [],
    ),
    affected,
    broken,
  };
}

interface RawRecord {
  id?: unknown;
  summary?: unknown;
  details?: unknown;
  published?: unknown;
  modified?: unknown;
  withdrawn?: unknown;
  upstream?: unknown;
  related?: unknown;
  severity?: unknown;
  references?: unknown;
  affected?: unknown;
}

interface RawEntry {
  package?: unknown;
  ranges?: unknown;
  ecosystem_specific?: unknown;
  database_specific?: { cves_map?: { cves?: unknown } | null } | null;
}

function readSeverity(severity: unknown, at: number): { type: string; score: string } {
  const place = `/severity/${at}`;
  const { type, score } = record(severity, place);
  return { type: text(type, `${place}/type`), score: text(score, `${place}/score`) };
}

/**
 * The CVE of a record is in upstream since schema 1.7, in related before, and in the id: the id first, each CVE once, also
 * if it is written `UBUNTU-CVE-…`.
 */
function cvesNamed(names: readonly string[]): string[] {
  const plain = names.map((name) => name.replace(/^UBUNTU-/, ''));
  return [...new Set(plain.filter((name) => /^CVE-\d{4}-\d{4,}$/.test(name)))];
}

/**
 * Subjects of a record's entries, by index; `undefined`: a release that is not compiled. If the record is not JSON, its
 * subjects are unknown and each is `{}`.
 */
export function subjectsIn(json: string, places: Places): (RecordSubject | undefined)[] {
  const entries = readRecord('', () =>
    list<unknown>((parseJsonText(json) as RawRecord | null)?.affected, ''),
  );
  if (entries instanceof ScapfeedError) return [{}];
  return entries.map((value) => {
    const named = (value as RawEntry | null)?.package as Record<string, unknown> | null | undefined;
    const name = typeof named?.['name'] === 'string' ? { package: named['name'] } : {};
    const ecosystem = textOrNone(named?.['ecosystem']);
    const key = distroOf(textOrNone(named?.['purl']));
    if (key === undefined && ecosystem === undefined) return name;
    const place = key === undefined ? places.ofEcosystem(ecosystem!, undefined) : places.of(key);
    return typeof place === 'string' ? undefined : { platforms: [place.platform], ...name };
  });
}

/** The package that an entry names in a place that is compiled. */
export function subjectOf({
  place,
  package: name,
}: Pick<OsvEntry, 'place' | 'package'>): RecordSubject | undefined {
  return typeof place === 'string' ? undefined : { platforms: [place.platform], package: name };
}

function isNotice(id: string): boolean {
  return /^(?:USN|LSN|SSN)-/.test(id);
}

// Plain loops and assignments from here on: an archive has some two million entries.
function readEntry(value: unknown, places: Places): OsvEntry {
  const raw: RawEntry = record(value, '');
  const { name, ecosystem, purl } = record(raw.package, '/package');
  const specific = record(raw.ecosystem_specific ?? nothing, '/ecosystem_specific');
  const availability = optionalText(specific['availability'], '/ecosystem_specific/availability');
  const key = distroOf(optionalText(purl, '/package/purl'));
  const place = text(ecosystem, '/package/ecosystem');
  const entry: OsvEntry = {
    place: key === undefined ? places.ofEcosystem(place, availability) : places.of(key),
    package: word(name, '/package/name'),
    oddRange: false,
    cves: cvesFixed(raw.database_specific?.cves_map?.cves),
  };
  const priority = optionalText(specific['ubuntu_priority'], '/ecosystem_specific/ubuntu_priority');
  const reason = textOrNone(specific['priority_reason']);
  if (priority !== undefined) entry.priority = priority;
  if (reason !== undefined) entry.priorityReason = reason;
  readFix(list(raw.ranges, '/ranges'), entry);
  return entry;
}

const nothing = {};
const none: readonly never[] = [];

function cvesFixed(cves: unknown): readonly string[] {
  if (cves === undefined) return none;
  const place = '/database_specific/cves_map/cves';
  return list(cves, place).map((cve, at) => text(record(cve, `${place}/${at}`)['id'], `${place}/${at}/id`));
}

/** The release in a purl's qualifiers, also in the form of 2024 that has a second `?` for `&`. */
function distroOf(purl: string | undefined): string | undefined {
  const at = purl?.lastIndexOf('distro=') ?? -1;
  if (purl === undefined || at === -1) return undefined;
  const value = purl.slice(at + 'distro='.length);
  if (/[&?#%]/.test(value)) return decodeURIComponent(value.split(/[&?#]/, 1)[0]!);
  return value;
}

/**
 * Only `fixed` events name a fix. Without one, the versions in purls and binaries are those of the archive on the day of the
 * export (CVE-2023-38545 in the VEX of 2025 names curl of 2025).
 */
function readFix(ranges: readonly unknown[], entry: OsvEntry): void {
  for (let at = 0; at < ranges.length; at++) {
    const events = list(record(ranges[at], '/ranges')['events'], '/ranges/events');
    for (const event of events) {
      const { introduced, fixed } = record(event, '/ranges/events');
      if (introduced === '0') continue;
      const version = optionalWord(fixed, '/ranges/events/fixed');
      if (version === undefined || entry.fixed !== undefined) entry.oddRange = true;
      else entry.fixed = version;
    }
  }
}
