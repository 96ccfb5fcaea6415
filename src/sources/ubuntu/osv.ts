import { ScapfeedError } from '../../model/index.ts';
import { parseDocument } from './json-document.ts';
import { type NoPlace, type Place, placeOf, placeOfEcosystem } from './place.ts';

/** What is read of one OSV record (schema 1.3 to 1.7 as Canonical writes it). */
export interface OsvRecord {
  /** Record id: `UBUNTU-CVE-2014-9913`, `USN-7095-1`, `LSN-0108-1`. */
  id: string;
  /** The CVE a record is about; absent on notices. */
  cve?: string;
  /** CVEs that a notice names. */
  noticeCves: readonly string[];
  withdrawn: boolean;
  /** The CVE was rejected by its issuer, though the record is live. */
  rejected: boolean;
  summary?: string;
  details?: string;
  published?: string;
  cvss: readonly string[];
  priority?: string;
  references: readonly string[];
  affected: readonly OsvEntry[];
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

// Largest record seen: 886 kB with 234 entries. The bound is on entries, because work follows them.
const maxEntries = 20_000;

/** Reads one OSV document; throws SOURCE_NOT_JSON or SOURCE_MALFORMED. `where` names it in errors. */
export function parseOsv(text: string, where: string): OsvRecord {
  const raw = parseDocument(text, where);
  assertRecord(raw, where);
  const affected = raw.affected ?? [];
  if (affected.length > maxEntries) {
    throw malformed(`expected at most ${maxEntries} affected entries, found ${affected.length}`, where);
  }
  const cve = cveOf(raw);
  const priority = raw.severity?.find(({ type }) => type === 'Ubuntu')?.score;
  return {
    id: raw.id,
    ...(cve === undefined ? {} : { cve }),
    noticeCves: isNotice(raw.id) ? cvesNamed(raw) : [],
    withdrawn: raw.withdrawn !== undefined,
    rejected: /^(?:Rejected reason:|\*\* ?REJECT)/i.test(raw.details ?? ''),
    ...(raw.summary === undefined ? {} : { summary: raw.summary }),
    ...(raw.details === undefined ? {} : { details: raw.details }),
    ...(raw.published === undefined ? {} : { published: raw.published }),
    cvss: (raw.severity ?? []).filter(({ type }) => type.startsWith('CVSS')).map(({ score }) => score),
    ...(priority === undefined ? {} : { priority }),
    references: (raw.references ?? []).flatMap(({ url }) => (url === undefined ? [] : [url])),
    affected: affected.map(readEntry),
  };
}

interface RawRecord {
  id: string;
  summary?: string;
  details?: string;
  published?: string;
  withdrawn?: string;
  upstream?: string[];
  related?: string[];
  severity?: { type: string; score: string }[];
  references?: { url?: string }[];
  affected?: RawEntry[];
}

interface RawEntry {
  package: { name: string; ecosystem: string; purl?: string };
  ranges?: { type: string; events: { introduced?: string; fixed?: string }[] }[];
  ecosystem_specific?: {
    availability?: string;
    ubuntu_priority?: string;
    priority_reason?: string;
  };
  database_specific?: { cves_map?: { cves?: { id: string }[] } };
}

function assertRecord(raw: unknown, where: string): asserts raw is RawRecord {
  const record = raw as Partial<RawRecord> | null;
  if (typeof record !== 'object' || record === null || typeof record.id !== 'string') {
    throw malformed('expected an OSV record with an id', where);
  }
  const lists = [record.affected, record.severity, record.references, record.upstream, record.related];
  if (lists.some((list) => list !== undefined && list !== null && !Array.isArray(list))) {
    throw malformed('expected lists in affected, severity, references, upstream and related', where);
  }
  const broken = (record.affected ?? []).findIndex(
    (entry) => typeof entry?.package?.name !== 'string' || typeof entry.package.ecosystem !== 'string',
  );
  if (broken !== -1) throw malformed('expected package name and ecosystem', `${where}#/affected/${broken}`);
}

/** The CVE is in upstream since schema 1.7, in related before, and in the id always. */
function cveOf(raw: RawRecord): string | undefined {
  return isNotice(raw.id) ? undefined : cvesNamed(raw)[0];
}

/** The id first, each CVE once, whether or not it is written `UBUNTU-CVE-…`. */
function cvesNamed({ id, upstream, related }: RawRecord): string[] {
  const names = [id, ...(upstream ?? []), ...(related ?? [])].map((name) => name.replace(/^UBUNTU-/, ''));
  return [...new Set(names.filter((name) => /^CVE-\d{4}-\d{4,}$/.test(name)))];
}

function isNotice(id: string): boolean {
  return /^(?:USN|LSN|SSN)-/.test(id);
}

// Plain loops and assignments from here on: an archive has some two million entries.
function readEntry(raw: RawEntry): OsvEntry {
  const specific = raw.ecosystem_specific;
  const key = distroOf(raw.package.purl);
  const entry: OsvEntry = {
    place: key === undefined ? placeOfEcosystem(raw.package.ecosystem, specific?.availability) : placeOf(key),
    package: raw.package.name,
    oddRange: false,
    cves: raw.database_specific?.cves_map?.cves?.map(({ id }) => id) ?? none,
  };
  if (specific?.ubuntu_priority !== undefined) entry.priority = specific.ubuntu_priority;
  if (specific?.priority_reason !== undefined) entry.priorityReason = specific.priority_reason;
  readFix(raw.ranges ?? none, entry);
  return entry;
}

const none: readonly never[] = [];

/** The release in a purl's qualifiers, also in the form of 2024 that has a second `?` for `&`. */
function distroOf(purl: string | undefined): string | undefined {
  const at = purl?.lastIndexOf('distro=') ?? -1;
  if (purl === undefined || at === -1) return undefined;
  const value = purl.slice(at + 'distro='.length);
  if (/[&?#%]/.test(value)) return decodeURIComponent(value.replace(/[&?#].*$/, ''));
  return value;
}

/**
 * Only `fixed` events name a fix: the versions in purls and binaries are those of the day when there is none
 * (CVE-2023-38545 in the VEX of 2025 names curl of 2025).
 */
function readFix(ranges: NonNullable<RawEntry['ranges']> | readonly never[], entry: OsvEntry): void {
  for (const { events } of ranges) {
    for (const { introduced, fixed } of events) {
      if (introduced === '0') continue;
      if (fixed === undefined || entry.fixed !== undefined) entry.oddRange = true;
      else entry.fixed = fixed;
    }
  }
}

function malformed(message: string, where: string): ScapfeedError {
  return new ScapfeedError({ code: 'SOURCE_MALFORMED', message, where });
}
