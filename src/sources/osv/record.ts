import { ownText } from '../../io/private-cache.ts';
import type { Severity } from '../../model/feed/index.ts';
import { list, malformed, optionalText, record, text, textOrNone, texts, word } from '../fields.ts';
import { parseJsonText } from '../foreign-record.ts';

/** The parts of an OSV record (https://ossf.github.io/osv-schema/) that decide about versions of packages, or are shown. */
export interface AdvisoryRecord {
  id: string;
  aliases: readonly string[];
  /** Flaws that it is about, by the ids of others: of a distribution's record usually all. */
  upstream: readonly string[];
  /** Records that have to do with it, in old records also its flaws and its own id. */
  related: readonly string[];
  withdrawn: boolean;
  modified?: string;
  published?: string;
  summary?: string;
  references: readonly string[];
  /** CVSS vectors. */
  vectors: readonly string[];
  /** Of the database that reviewed it. */
  severity: Severity;
  affected: readonly AffectedEntry[];
}

/** One entry about a package. `at`: its index in the record. */
export interface AffectedEntry {
  at: number;
  /** With its suffix: `Maven:https://repo.example`. */
  ecosystem: string;
  name: string;
  purl?: string;
  ranges: readonly RecordRange[];
  /** Enumerated versions, also beside ranges. */
  versions: readonly string[];
  /** Go: paths of the packages of a module that have the flaw. */
  imports: readonly string[];
  /** RustSec: `unmaintained`, `unsound`, `notice`: nothing that the installed version does wrong by itself. */
  informational?: string;
}

/** `GIT` ranges are about commits. */
export interface RecordRange {
  type: string;
  events: readonly RecordEvent[];
}

export interface RecordEvent {
  kind: 'introduced' | 'fixed' | 'last_affected' | 'limit';
  version: string;
}

/** Of a record. The largest has 230 entries, 25 aliases and two vectors. */
const maxEntries = 20_000;
const maxAliases = 500;
const maxVectors = 100;
/** Of what is only shown, and cut: the longest summary has 166 characters, the longest list 178 addresses, one of 318 characters. */
const maxSummary = 1_000;
const maxReferences = 500;
const maxAddress = 2_000;
/** Of an entry, whose versions are each compared with all intervals. The largest has 2,026 and some dozens. */
const maxVersions = 20_000;
const maxEvents = 2_000;
/** Of an entry: its versions times its events. */
const maxComparisons = 1_000_000;

const severities: Readonly<Record<string, Severity>> = {
  low: 'low',
  moderate: 'medium',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
};

/** @throws {ScapfeedError} SOURCE_NOT_JSON, SOURCE_MALFORMED with a JSON pointer (foreign-record.ts) */
export function parseAdvisory(json: string): AdvisoryRecord {
  const raw = record(parseJsonText(json), '');
  const specific = record(raw['database_specific'] ?? {}, '/database_specific');
  const rated = textOrNone(specific['severity'])?.toLowerCase() ?? '';
  const entries = bounded(list<unknown>(raw['affected'], '/affected'), maxEntries, '/affected');
  const optional = {
    modified: textOrNone(raw['modified']),
    published: textOrNone(raw['published']),
    summary: shortened(textOrNone(raw['summary'])),
  };
  return {
    id: word(raw['id'], '/id'),
    aliases: bounded(texts(raw['aliases'], '/aliases'), maxAliases, '/aliases'),
    upstream: bounded(texts(raw['upstream'], '/upstream'), maxAliases, '/upstream'),
    related: bounded(texts(raw['related'], '/related'), maxAliases, '/related'),
    withdrawn: isWithdrawn(raw['withdrawn'], optional.modified),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    references: list<unknown>(raw['references'], '/references')
      .slice(0, maxReferences)
      .flatMap((reference) => textOrNone((reference as { url?: unknown } | null)?.url) ?? [])
      .filter(({ length }) => length <= maxAddress),
    vectors: bounded(list<unknown>(raw['severity'], '/severity'), maxVectors, '/severity').flatMap(
      (each) => textOrNone((each as { score?: unknown } | null)?.score) ?? [],
    ),
    severity: Object.hasOwn(severities, rated) ? severities[rated]! : 'unknown',
    affected: entries.map((entry, at) => readEntry(entry, at)),
  };
}

/**
 * A record can announce that it will be withdrawn after its own last change. Go writes the year 1 where it states no change. What is no
 * time withdraws nothing: a flaw too many is seen.
 */
function isWithdrawn(withdrawn: unknown, modified = ''): boolean {
  const [end, change] = [Date.parse(textOrNone(withdrawn) ?? ''), Date.parse(modified)];
  return !Number.isNaN(end) && !(change > 0 && end > change);
}

function readEntry(value: unknown, at: number): AffectedEntry {
  const pointer = `/affected/${at}`;
  const entry = record(value, pointer);
  // An entry about commits alone names no package.
  const { ecosystem, name, purl } = record(entry['package'] ?? {}, `${pointer}/package`);
  const specific = record(entry['database_specific'] ?? {}, `${pointer}/database_specific`);
  const own = record(entry['ecosystem_specific'] ?? {}, `${pointer}/ecosystem_specific`);
  // Where releases of a module do not fit Go's order, `ranges` is every version, for readers that do not know these.
  const ranges = list<unknown>(own['custom_ranges'] ?? entry['ranges'], `${pointer}/ranges`).map(
    (range, index) => readRange(range, `${pointer}/ranges/${index}`),
  );
  const informational = textOrNone(specific['informational']);
  const events = ranges.reduce((sum, range) => sum + range.events.length, 0);
  if (events > maxEvents) throw malformed(`${pointer}/ranges`, `at most ${maxEvents} events`, ranges);
  const versions = bounded(
    texts(entry['versions'], `${pointer}/versions`),
    maxVersions,
    `${pointer}/versions`,
  );
  if (versions.length * events > maxComparisons)
    throw malformed(`${pointer}/versions`, `at most ${maxComparisons} versions times events`, versions);
  return {
    at,
    ecosystem: optionalText(ecosystem, `${pointer}/package/ecosystem`) ?? '',
    name: optionalText(name, `${pointer}/package/name`) ?? '',
    ...(typeof purl === 'string' && { purl }),
    ranges,
    versions,
    imports: list<unknown>(own['imports'], `${pointer}/ecosystem_specific/imports`).flatMap(
      (each) => textOrNone((each as { path?: unknown } | null)?.path) ?? [],
    ),
    ...(informational !== undefined && { informational }),
  };
}

function bounded<T>(items: readonly T[], most: number, pointer: string): readonly T[] {
  if (items.length > most) throw malformed(pointer, `at most ${most} items`, items);
  return items;
}

function shortened(summary: string | undefined): string | undefined {
  if (summary === undefined || summary.length <= maxSummary) return summary;
  return ownText(`${summary.slice(0, maxSummary)} …`);
}

function readRange(value: unknown, pointer: string): RecordRange {
  const range = record(value, pointer);
  const events = list<unknown>(range['events'], `${pointer}/events`).flatMap((each, at): RecordEvent[] => {
    const event = record(each, `${pointer}/events/${at}`);
    return kinds.flatMap((kind) => {
      const version = optionalText(event[kind], `${pointer}/events/${at}/${kind}`);
      return version === undefined ? [] : [{ kind, version }];
    });
  });
  return { type: text(range['type'], `${pointer}/type`), events };
}

const kinds = ['introduced', 'fixed', 'last_affected', 'limit'] as const;
