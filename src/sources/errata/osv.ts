import { openZip } from '../../io/zip.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Ledger } from '../../model/feed/index.ts';
import { compareRpmEvr } from '../../packaging/index.ts';
import { list, optionalText, record, text, texts } from '../fields.ts';
import { parseJsonText, readRecord } from '../foreign-record.ts';
import type { SnapshotStore, SourceInput } from '../snapshots.ts';
import type { Erratum } from './erratum.ts';

/** The errata's facts, for comparison with the OSV records that their publisher makes of them. */
export class KnownErrata {
  /** By major and id. */
  readonly #errata = new Map<
    string,
    { cves: ReadonlySet<string>; builds: ReadonlyMap<string, Set<string>> }
  >();
  readonly #majors = new Set<string>();
  readonly #passed = new Set<string>();

  /** OSV's name for the system, which records have in front of the release: `AlmaLinux:9`. */
  readonly ecosystem: string;

  constructor(ecosystem: string) {
    this.ecosystem = ecosystem;
  }

  add(major: string, { id, cves, packages }: Erratum): void {
    this.#majors.add(major);
    const builds = new Map<string, Set<string>>();
    // Most errata name no vulnerability, and make no statement.
    if (cves.length > 0) {
      for (const { name, evr } of packages) builds.set(name, (builds.get(name) ?? new Set()).add(evr));
    }
    this.#errata.set(`${major} ${id}`, { cves: new Set(cves), builds });
  }

  /** Notes an erratum that was dropped for a reported reason; its records cause no further findings. */
  passOver(id: string): void {
    this.#passed.add(id);
  }

  isPassed(id: string): boolean {
    return this.#passed.has(id);
  }

  has(major: string): boolean {
    return this.#majors.has(major);
  }

  of(major: string, id: string) {
    return this.#errata.get(`${major} ${id}`);
  }
}

const limits = { maxEntries: 200_000, maxEntryBytes: 2 ** 26, maxBytes: 2 ** 32 };

/** Every statement of the OSV records that the errata lack is a doubt; the records make no statements of the feed. */
export async function compareOsv(
  input: SourceInput,
  store: SnapshotStore,
  known: KnownErrata,
  ledger: Ledger,
): Promise<void> {
  const archive = await openZip(store.path(input), limits, store.path(input));
  try {
    for (const entry of archive.entries()) {
      if (!entry.name.endsWith('.json')) continue;
      const place = `${input.id}#${entry.name}`;
      const read = readRecord('', () => {
        if (entry.fault !== undefined)
          throw new ScapfeedError({ code: 'SOURCE_MALFORMED', message: entry.fault });
        return parseOsv(entry.content().toString('utf8'), known.ecosystem);
      });
      if (read instanceof ScapfeedError)
        ledger.doubt('osv_malformed', place + (read.where ?? ''), read.message);
      else compareRecord(read, place, known, ledger);
    }
  } finally {
    archive.close();
  }
}

interface OsvRecord {
  id: string;
  cves: readonly string[];
  affected: readonly { major: string; name: string; fixed: string | undefined }[];
}

function parseOsv(json: string, ecosystem: string): OsvRecord {
  const raw = record(parseJsonText(json), '');
  const named = ['related', 'aliases', 'upstream'].flatMap((field) => texts(raw[field], `/${field}`));
  return {
    id: text(raw['id'], '/id'),
    cves: [...new Set(named.filter((each) => each.startsWith('CVE-')))],
    affected: list<unknown>(raw['affected'], '/affected').map((item, at) =>
      readAffected(item, `/affected/${at}`, ecosystem),
    ),
  };
}

function readAffected(item: unknown, pointer: string, system: string): OsvRecord['affected'][number] {
  const entry = record(item, pointer);
  const { ecosystem, name } = record(entry['package'], `${pointer}/package`);
  const events = list<unknown>(entry['ranges'], `${pointer}/ranges`).flatMap((range, at) =>
    list<unknown>(record(range, `${pointer}/ranges/${at}`)['events'], `${pointer}/ranges/${at}/events`),
  );
  const fixed = events
    .map((event) => record(event, `${pointer}/ranges`)['fixed'])
    .find((each) => each !== undefined);
  return {
    major: majorOf(text(ecosystem, `${pointer}/package/ecosystem`), system),
    name: text(name, `${pointer}/package/name`),
    fixed: optionalText(fixed, `${pointer}/ranges`),
  };
}

/** Records of one archive may be of several systems. */
function majorOf(ecosystem: string, system: string): string {
  return ecosystem.startsWith(`${system}:`) ? ecosystem.slice(system.length + 1) : '';
}

function compareRecord(
  { id, cves, affected }: OsvRecord,
  place: string,
  known: KnownErrata,
  ledger: Ledger,
): void {
  if (known.isPassed(id)) return;
  for (const major of new Set(affected.map((entry) => entry.major))) {
    if (!known.has(major)) continue;
    const erratum = known.of(major, id);
    if (!erratum) {
      if (cves.length > 0) ledger.doubt('osv_only', place, `${id} of ${known.ecosystem} ${major}`);
      continue;
    }
    const more = cves.filter((each) => !erratum.cves.has(each));
    if (more.length > 0) ledger.doubt('osv_names_more', place, `${id}: ${more.slice(0, 8).join(', ')}`);
    if (erratum.cves.size === 0) continue;
    for (const { name, fixed } of affected.filter((entry) => entry.major === major)) {
      const builds = [...(erratum.builds.get(name) ?? [])];
      // OSV has no epoch where it is 0.
      const same = fixed === undefined || builds.some((evr) => compareRpmEvr(evr, fixed) === 0);
      if (!same)
        ledger.doubt(
          'osv_fixed_differs',
          place,
          `${id} ${name}: ${fixed}, ${builds.sort().join(', ') || 'no row'}`,
        );
    }
  }
}
