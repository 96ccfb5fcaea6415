import { type ShardLine, unreadRecords } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';

/** A difference between an export layout and the index. */
export interface InexactEntry {
  /** A stable identifier: `other_channel`, `severity_differs`. */
  cause: string;
  /** The difference, as a sentence. */
  what: string;
  /** Number of rows, or of statements that could not be read. Absent if it depends on the scanned system. */
  count?: number;
  /** The first of these rows, as `CVE-2024-1234 package`. */
  examples?: string[];
  /** All packages that it applies to, where there are no rows. */
  packages?: UnreadPackage[];
}

/** A package and how many of the vendor's statements about it could not be read. */
type UnreadPackage = Required<Pick<ShardLine, 'package' | 'unread'>>;

/** Differences of one platform that an export layout cannot express. */
export interface PlatformInexact {
  platform: string;
  /** Numbers of rows written and left out. */
  rows: number;
  left_out: number;
  /** Reason why the whole platform is not in the export. */
  without?: string;
  entries: InexactEntry[];
}

/** Examples of each cause in the list; a proof keeps all. */
const usualExamples = 10;

interface Account {
  rows: number;
  leftOut: number;
  without?: string;
  entries: Map<string, { what: string; count?: number; examples: Set<string> }>;
}

/** The list `TARGET.inexact.json`: where a scanner with this export may differ from `scapfeed scan`, platform by platform. */
export class ExportInexactList {
  readonly #platforms = new Map<string, Account>();
  readonly #mostExamples: number;

  constructor(mostExamples = usualExamples) {
    this.#mostExamples = mostExamples;
  }

  /** Rows that stand in the export. */
  wrote(platform: string, rows: number): void {
    this.#account(platform).rows += rows;
  }

  /** A difference that depends on the system that is scanned. */
  general(platform: string, cause: string, what: string): void {
    const { entries } = this.#account(platform);
    if (!entries.has(cause)) entries.set(cause, { what, examples: new Set() });
  }

  /** Rows that are written although the layout cannot say all of them. */
  item(platform: string, cause: string, what: string, name: string, ids: readonly string[]): void {
    const { entries } = this.#account(platform);
    const entry = entries.get(cause) ?? { what, count: 0, examples: new Set() };
    entries.set(cause, entry);
    entry.count = (entry.count ?? 0) + ids.length;
    for (const id of ids) {
      if (entry.examples.size >= this.#mostExamples) break;
      entry.examples.add(name === '' ? id : `${id} ${name}`);
    }
  }

  /** Rows that the layout cannot say at all. */
  leftOut(platform: string, cause: string, what: string, name: string, ids: readonly string[]): void {
    this.item(platform, cause, what, name, ids);
    this.#account(platform).leftOut += ids.length;
  }

  /** A platform that the target does not know. */
  without(platform: string, why: string): void {
    this.#account(platform).without = why;
  }

  platforms(): PlatformInexact[] {
    const sorted = [...this.#platforms].sort(([a], [b]) => compareCodeUnits(a, b));
    return sorted.map(([platform, { rows, leftOut, without, entries }]) => ({
      platform,
      rows,
      left_out: leftOut,
      ...(without === undefined ? {} : { without }),
      entries: [...entries]
        .sort(([a], [b]) => compareCodeUnits(a, b))
        .map(([cause, { what, count, examples }]) => ({
          cause,
          what,
          ...(count === undefined ? {} : { count, examples: [...examples] }),
        })),
    }));
  }

  #account(platform: string): Account {
    const known = this.#platforms.get(platform);
    if (known) return known;
    const made: Account = { rows: 0, leftOut: 0, entries: new Map() };
    this.#platforms.set(platform, made);
    return made;
  }
}

/** Unread statements of a platform, from its lines and marks, which no layout of other scanners can express. */
export function unreadEntries(
  lines: Iterable<Pick<ShardLine, 'package' | 'unread'>>,
  marks: readonly string[] = [],
): InexactEntry[] {
  const packages: UnreadPackage[] = [];
  for (const { package: name, unread } of lines) if (unread) packages.push({ package: name, unread });
  const count = packages.reduce((sum, { unread }) => sum + unread, 0);
  const what = (about: string, scan: string) =>
    `Some of the vendor's ${about} could not be read when the feed was built, and this layout cannot say so: without a finding such a package looks clean, and scapfeed scan ${scan}.`;
  const statements = what('statements about these packages', 'lists it as undecidable');
  const records = what('records, which may be about any package,', 'ends with 4');
  return [
    ...(packages.length > 0 ? [{ cause: 'unread_statements', what: statements, count, packages }] : []),
    ...(marks.includes(unreadRecords) ? [{ cause: unreadRecords, what: records }] : []),
  ];
}

export function withUnread(platform: PlatformInexact, unread: readonly InexactEntry[]): PlatformInexact {
  if (platform.without !== undefined) return platform;
  const entries = [...platform.entries, ...unread];
  return { ...platform, entries: entries.sort((a, b) => compareCodeUnits(a.cause, b.cause)) };
}
