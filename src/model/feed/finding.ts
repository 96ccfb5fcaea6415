import { isOfEcosystem } from '../inventory/inventory.ts';
import { compareCodeUnits } from '../order.ts';
/**
 * An input record that was not used, or that was used with a doubt.
 * `dropped` findings count the records that became no statement: records in = records used + records dropped.
 */
export interface Finding {
  source: string;
  /** A stable word: `unknown_status`, `absurd_version`, `fixed_version_disagrees`. */
  reason: string;
  dropped: boolean;
  /** Document and JSON pointer or line. */
  where: string;
  detail?: string;
}

/** Findings with the same reason: their number, and the first few by location. */
export interface FindingSummary {
  source: string;
  reason: string;
  dropped: boolean;
  count: number;
  examples: { where: string; detail?: string }[];
}

/** Maximum number of examples of one reason; the count includes all findings. */
export const examplesPerReason = 20;

/** Subject of a record that could not be read. */
export interface RecordSubject {
  /** Absent: any platform of the source. */
  platforms?: readonly string[];
  /** Absent if the record names none. */
  package?: string;
  /** The vendor's name for the record, if its position in the document changes with each record before it. */
  record?: Pick<UnreadRecord, 'where' | 'detail'>;
}

/**
 * Reasons of records that are left out on purpose: they are about products, releases and packages that are not compiled, they say
 * nothing of a package, or another record decides. Whatever else is dropped should have been understood.
 */
const leftOut: ReadonlySet<string> = new Set([
  ...[
    'not_in_feed',
    'other_version_used',
    'from_another_feed',
    'from_another_feed_with_older_data',
    'repeated',
    'duplicate_entry',
    'duplicate_record',
  ],
  // Other products, releases and kinds of packages.
  ...[
    'release_not_configured',
    'release_not_compiled',
    'row_of_no_release',
    'other_product',
    'other_release',
  ],
  ...[
    'foreign_cpe_vendor',
    'foreign_namespace',
    'unknown_purl_type',
    'flatpak',
    'debug_package',
    'source_package',
  ],
  // Without a purl it is not known what kind of package a layered product means.
  ...['no_purl', 'livepatch', 'whole_portfolio', 'whole_product', 'not_shipped', 'module_without_package'],
  // There is no statement about a package, or it was withdrawn.
  ...['no_packages', 'no_vulnerability', 'no_affected_entry', 'no_status_row', 'no_cve'],
  ...['no_unfixed_row', 'no_source_products', 'rejected', 'withdrawn', 'advisory_without_package'],
  // Another statement about the package decides.
  ...['fixed_version_disagrees', 'advisory_row_absent', 'advisory_without_vulnerability', 'said_by_vex'],
  ...[
    'not_affected_beside_fix',
    'affected_beside_fix',
    'contradicted',
    'older_fix_in_stream',
    'trees_disagree',
  ],
]);

/** Whether a record that was dropped for a reason should have been understood. */
export function isUnread(reason: string): boolean {
  return !leftOut.has(reason) && !/^(?:.+_not_compiled|purl_type_.+)$/.test(reason);
}

/** Statements about a package that could not be read: their number, and the first few by place. */
export interface Unread {
  count: number;
  records: UnreadRecord[];
}

/** A record that could not be read: why, its document and place there, and what was refused. */
export interface UnreadRecord {
  reason: string;
  where: string;
  detail?: string;
}

/** Maximum number of records that are named for each package; the count includes all. */
const namedRecords = 5;

/** Names that a line of a shard can be about; no other name can be installed of a distribution. */
const packageName = /^(?:oci:[^\s#]{1,250}|@?[A-Za-z0-9_][\w.+~:/-]{0,254})$/;

/** Pairs of a package and a flaw that records may make for a platform beyond what they name: two short lists make many. */
const mostPairs = 500_000;

/** Counts the records of one source: every record is either used or dropped. */
export class Ledger {
  readonly source: string;
  records = 0;
  used = 0;
  // A big input has hundreds of thousands of findings of a few reasons.
  readonly #dropped = new Map<string, FindingSummary>();
  readonly #doubted = new Map<string, FindingSummary>();
  /** By platform and package; '' is any platform, and no package that is known. */
  readonly #unread = new Map<string, Map<string, Unread>>();
  readonly #pairs = new Map<string, number>();

  constructor(source: string) {
    this.source = source;
  }

  /** One or more records became statements. */
  use(count = 1): void {
    this.records += count;
    this.used += count;
  }

  /**
   * One or more records became no statement, for one reason; `where` is the place of the first. `about`: what they are about,
   * whose result is then not whole unless they were left out on purpose.
   */
  drop(reason: string, where: string, detail?: string, count = 1, about?: RecordSubject): void {
    this.records += count;
    this.#note(reason, true, where, detail, count);
    if (about && isUnread(reason))
      this.unread(about, { reason, where, ...(detail && { detail }), ...about.record }, count);
  }

  /** One or more statements could not be read, about a package or about an unknown one; `record` is the first. */
  unread({ platforms = [''], package: name = '' }: RecordSubject, record: UnreadRecord, count = 1): void {
    if (count === 0) return;
    for (const platform of platforms) {
      if (name !== '' && !isOfEcosystem({ type: platform }) && !packageName.test(name)) continue;
      const packages = this.#unread.get(platform) ?? new Map<string, Unread>();
      this.#unread.set(platform, packages);
      const known = packages.get(name) ?? { count: 0, records: [] };
      packages.set(name, known);
      known.count += count;
      keepExample(known.records, shortened(record), namedRecords);
    }
  }

  /**
   * Whether there is room for each flaw of a record in each of its packages. If not, the record is dropped as `too_many_flaws`, and
   * its packages are unread. A record about one package or one flaw makes no more pairs than it names.
   */
  hasRoom(platform: string, packages: number, flaws: number, most = mostPairs): boolean {
    const pairs = (this.#pairs.get(platform) ?? 0) + packages * flaws - Math.max(packages, flaws);
    if (pairs > most) return false;
    if (packages > 1 && flaws > 1) this.#pairs.set(platform, pairs);
    return true;
  }

  /** The packages of a platform about which statements could not be read. */
  unreadOf(platform: string): ReadonlyMap<string, Unread> {
    const packages = new Map(this.#unread.get(platform));
    for (const [name, { count, records }] of this.#unread.get('') ?? []) {
      const own = packages.get(name) ?? { count: 0, records: [] };
      const joined: Unread = { count: own.count + count, records: [...own.records] };
      for (const record of records) keepExample(joined.records, record, namedRecords);
      packages.set(name, joined);
    }
    packages.delete('');
    return packages;
  }

  /** Whether records could not be read that may be about any package of a platform. */
  hasUnreadRecords(platform: string): boolean {
    return [platform, ''].some((each) => this.#unread.get(each)?.has(''));
  }

  /** One or more records were used, with a doubt that a reader should know. */
  doubt(reason: string, where: string, detail?: string, count = 1): void {
    this.#note(reason, false, where, detail, count);
  }

  get dropped(): number {
    return this.records - this.used;
  }

  /** By reason, in code-unit order; examples by place, so that the result does not depend on the order of the input. */
  findings(): FindingSummary[] {
    const sortKey = ({ reason, dropped }: FindingSummary) => `${reason}\0${dropped}`;
    const all = [...this.#dropped.values(), ...this.#doubted.values()];
    return all.sort((a, b) => compareCodeUnits(sortKey(a), sortKey(b)));
  }

  #note(reason: string, dropped: boolean, where: string, detail: string | undefined, count: number): void {
    if (count === 0) return;
    const summaries = dropped ? this.#dropped : this.#doubted;
    let summary = summaries.get(reason);
    if (!summary) {
      summary = { source: this.source, reason, dropped, count: 0, examples: [] };
      summaries.set(reason, summary);
    }
    summary.count += count;
    keepExample(summary.examples, shortened(detail === undefined ? { where } : { where, detail }));
  }
}

type Example = FindingSummary['examples'][number];

/** Characters of a place or a detail that are kept: a vendor's names may have any length. */
const mostCharacters = 1000;

function shortened<E extends Example>(example: E): E {
  const { where, detail = '' } = example;
  if (where.length <= mostCharacters && detail.length <= mostCharacters) return example;
  const cut = (text: string) => (text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)}…`);
  return { ...example, where: cut(where), ...(detail !== '' && { detail: cut(detail) }) };
}

/** Keeps the smallest examples, sorted, whatever order they come in. */
function keepExample<E extends Example>(examples: E[], example: E, most = examplesPerReason): void {
  const last = examples.length === most ? examples.at(-1) : undefined;
  if (last && example.where > last.where) return;
  const order = ({ where, detail }: Example) => `${where}\0${detail ?? ''}`;
  const key = order(example);
  if (last && key >= order(last)) return;
  const at = examples.findIndex((known) => order(known) > key);
  examples.splice(at === -1 ? examples.length : at, 0, example);
  if (examples.length > most) examples.pop();
}
