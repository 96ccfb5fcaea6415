import { openZip, type ZipEntry } from '../../io/zip.ts';
import { ScapfeedError } from '../../model/error.ts';
import {
  cvssScore,
  type Platform,
  type SourceSink,
  type Statement,
  type Vulnerability,
} from '../../model/feed/index.ts';
import { byAlias, informational, malicious } from '../../model/verdict/index.ts';
import { rangeText } from '../../packaging/range.ts';
import { dayOrNone } from '../../sources/fields.ts';
import { readRecord } from '../../sources/foreign-record.ts';
import { affectedRange } from '../../sources/osv/affected.ts';
import { type AdvisoryRecord, type AffectedEntry, parseAdvisory } from '../../sources/osv/record.ts';
import { scoredSeverity } from '../../sources/osv/severity.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { type Ecosystem, ecosystems } from '../ecosystems.ts';
import { FlawNames } from './aliases.ts';

/** Limits of an archive. In 2026 that of npm has 220,000 records, most of malicious packages. */
const limits = { maxEntries: 2_000_000, maxEntryBytes: 2 ** 23, maxBytes: 2 ** 34 };

/** Of a record: its flaws times its entries. The most of 2026 are some hundred. */
const maxStatements = 50_000;

export function inputOf({ id }: Ecosystem): string {
  return `osv-${id}`;
}

export function platformOf({ id, name }: Ecosystem): Platform {
  return { id, name, aliases: name === id ? [] : [name], os: { id }, packaging: id, life: [] };
}

/** Calls back for each record of an archive. */
export async function eachRecord(
  input: Pick<SourceInput, 'id' | 'sha256'>,
  store: SnapshotStore,
  read: (entry: ZipEntry, place: string) => void,
): Promise<void> {
  const zip = await openZip(store.path(input), limits, input.id);
  try {
    for (const entry of zip.entries())
      if (entry.name.endsWith('.json')) read(entry, `${input.id}#${entry.name}`);
  } finally {
    zip.close();
  }
}

/** The records of all ecosystems as statements: a flaw with records in several of them is one. */
export async function readOsv(
  inputs: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
): Promise<void> {
  const found = ecosystems.flatMap((ecosystem) => {
    const input = inputs.find(({ id }) => id === inputOf(ecosystem));
    if (!input)
      out.ledger.doubt('archive_absent', inputOf(ecosystem), `no data about packages of ${ecosystem.name}`);
    return input ? [{ ecosystem, input }] : [];
  });
  const names = new FlawNames();
  for (const { input } of found)
    await eachRecord(input, store, (entry, place) => {
      const record = recordOf(entry, place);
      if (!(record instanceof ScapfeedError) && !record.withdrawn) names.join(record.id, record.aliases);
    });
  for (const { ecosystem, input } of found) {
    out.platform(platformOf(ecosystem), { inputs: [input.id] });
    await eachRecord(input, store, (entry, place) => {
      const record = recordOf(entry, place);
      if (record instanceof ScapfeedError)
        out.ledger.drop('malformed_record', place, record.message, 1, { platforms: [ecosystem.id] });
      else readAdvisory(record, { ecosystem, input, place, names, out });
    });
  }
}

function recordOf(entry: ZipEntry, place: string): AdvisoryRecord | ScapfeedError {
  return readRecord(place, () => parseAdvisory(entry.content().toString('utf8')));
}

interface Reading {
  ecosystem: Ecosystem;
  input: SourceInput;
  place: string;
  names: FlawNames;
  out: SourceSink;
}

/** Each entry about a package of the ecosystem is a statement, or is counted. */
function readAdvisory(record: AdvisoryRecord, reading: Reading): void {
  const { ecosystem, input, place, names, out } = reading;
  if (record.withdrawn) {
    out.ledger.drop('withdrawn', place);
    return;
  }
  if (record.modified) out.dated(input.id, record.modified);
  const entries = record.affected.filter(({ ecosystem: name }) => name.split(':')[0] === ecosystem.name);
  if (entries.length === 0) {
    out.ledger.drop('no_affected_entry', place);
    return;
  }
  const flaws = names.namesOf(record.id, record.aliases);
  const isLarge = flaws.length * entries.length > maxStatements;
  if (isLarge || !out.ledger.hasRoom(ecosystem.id, entries.length, flaws.length)) {
    for (const { at, name } of entries) {
      const subject = { platforms: [ecosystem.id], package: ecosystem.spelled?.(name) ?? name };
      out.ledger.drop('too_many_flaws', `${place}/affected/${at}`, `${flaws.length} flaws`, 1, subject);
    }
    return;
  }
  const used = entries.filter((entry) => readEntry(entry, record, flaws, reading));
  if (used.length === 0) return;
  for (const details of detailsOf(record, flaws, reading)) out.vulnerability(details);
  const { summary } = record;
  const date = dayOrNone(record.published);
  out.advisory({
    id: record.id,
    url: `https://osv.dev/vulnerability/${record.id}`,
    ...(date && { date }),
    ...(summary && { title: summary }),
  });
}

/**
 * Names as registries have them. Malicious packages have letters that only look like those of the package that they imitate, in any
 * script.
 */
const packageName = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Cf} ]{1,255}$/u;

/** Maximum number of imports kept for an entry. A longer list says no more than that much of the module is affected. */
const maxImports = 50;

/** RustSec's words for what is no flaw; another word is a notice too. */
function noticeOf(word: string): string {
  return ['unmaintained', 'unsound'].includes(word) ? word : 'notice';
}

/** True if the entry became a statement. */
function readEntry(
  entry: AffectedEntry,
  { id, severity, vectors, aliases }: AdvisoryRecord,
  flaws: readonly string[],
  { ecosystem, input, place, out }: Reading,
): boolean {
  const where = `${place}/affected/${entry.at}`;
  // Another registry with the same kind of packages: its names are not those of the public one.
  if (entry.ecosystem !== ecosystem.name) return dropped('other_registry', entry.ecosystem);
  if (!packageName.test(entry.name)) return dropped('no_package_name', entry.name);
  const name = ecosystem.spelled?.(entry.name) ?? entry.name;
  const range = affectedRange(entry, ecosystem.versions);
  // Without a notice, nothing is unknown of the package.
  if ('fault' in range)
    return dropped(range.fault, range.detail, entry.informational === undefined ? name : undefined);
  const isMalware = id.startsWith('MAL-');
  const rated = severity === 'unknown' ? scoredSeverity(vectors) : severity;
  const kind = entry.informational === undefined ? undefined : noticeOf(entry.informational);
  const statement: Omit<Statement, 'vulnerability'> = {
    platform: ecosystem.id,
    package: name,
    ...(kind === undefined
      ? { status: 'affected', fixState: 'none_yet', severity: isMalware ? 'critical' : rated }
      : { status: 'not_affected', severity: 'unknown', reason: kind }),
    range: rangeText(range),
    marks: [
      ...(isMalware ? [malicious] : []),
      ...(isOfPart(entry) ? [partOfModule] : []),
      ...(kind === undefined ? [] : [informational]),
    ],
    ...(isOfPart(entry) && { imports: [...new Set(entry.imports)].sort().slice(0, maxImports) }),
    advisories: [id],
    evidence: `${input.id}#{advisory}.json/affected`,
  };
  const isNamed = (flaw: string) => flaws.length === 1 || aliases.includes(flaw);
  const [first, ...named] = flaws.filter(isNamed);
  if (first !== undefined) out.statement({ ...statement, vulnerability: first }, named);
  const [joined, ...others] = flaws.filter((flaw) => !isNamed(flaw));
  const marks = [...(statement.marks ?? []), byAlias];
  if (joined !== undefined) out.statement({ ...statement, vulnerability: joined, marks }, others);
  out.ledger.use();
  return true;

  function dropped(reason: string, detail: string, about?: string): false {
    const subject = { platforms: [ecosystem.id], ...(about !== undefined && { package: about }) };
    out.ledger.drop(reason, where, detail, 1, about === undefined ? undefined : subject);
    return false;
  }
}

/** Mark of a flaw in some packages of a module, which a program may not use. */
const partOfModule = 'part_of_module';

function isOfPart({ name, imports }: AffectedEntry): boolean {
  return imports.length > 0 && !imports.includes(name);
}

/** Of all flaws of a record together, which have the same: the first ones. A record has up to 178. */
const maxReferences = 500;

function detailsOf(
  record: AdvisoryRecord,
  flaws: readonly string[],
  { place, out }: Reading,
): Vulnerability[] {
  const { summary, published, references } = record;
  const cvss = record.vectors.flatMap((vector) => {
    const scored = cvssScore(vector);
    if (!scored) out.ledger.doubt('cvss_not_scored', place, vector);
    return scored ?? [];
  });
  return flaws.map((id) => ({
    id,
    ...(summary && { title: summary }),
    ...(published && { published }),
    ...(cvss.length > 0 && { cvss }),
    ...(references.length > 0 && {
      references: references.slice(0, Math.ceil(maxReferences / flaws.length)),
    }),
    ...(record.id !== id && { aliases: [record.id] }),
  }));
}
