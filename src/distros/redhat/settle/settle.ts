import type { Claim, Vulnerability } from '../../../model/feed/index.ts';
import { compareCodeUnits } from '../../../model/order.ts';
import { limitingArchitectures } from '../../../packaging/index.ts';
import { type UnreadProducts, unreadBeside } from '../../../sources/csaf/unread.ts';
import { type DocumentRecord, packagesOf, trees, type VulnerabilityRecord } from '../record.ts';
import { mergeRows } from './infer.ts';
import { lacksModule, type ModuleBook } from './module-book.ts';
import type { MergeNotes, SourcedRow } from './sourced-row.ts';
import type { DocumentSummary } from './summary.ts';

/**
 * Converts a settled row to a claim; equal rows give equal JSON. A build makes half a million of them, so fields are set one
 * by one, not spread.
 */
function rowClaim(vulnerability: string, row: SourcedRow): Claim {
  const { stream } = row;
  const claim: Claim = {
    status: row.status,
    severity: row.severity,
    subject: row.subject,
    evidence: evidenceOf(vulnerability, row),
  };
  if (row.fixed !== undefined) claim.fixed = row.fixed;
  if (row.fixState !== undefined) claim.fixState = row.fixState;
  if (row.reason !== undefined) claim.reason = row.reason;
  if (row.advisories) claim.advisories = row.advisories;
  if (row.inferred || row.stale) claim.marks = marksOf(row);
  if (row.module !== undefined) claim.module = row.module;
  const arch = limitingArch(row);
  if (arch) claim.arch = arch;
  if (stream.channel !== undefined) claim.channel = stream.channel;
  if (row.channelFix !== undefined) claim.channelFix = row.channelFix;
  if (stream.minor !== undefined) claim.minor = stream.minor;
  return claim;
}

function marksOf({ inferred, stale }: SourcedRow): string[] {
  return [...(inferred ? ['inferred'] : []), ...(stale ? ['stale'] : [])];
}

const statusKeys = {
  fixed: 'fixed',
  affected: 'known_affected',
  not_affected: 'known_not_affected',
  under_investigation: 'under_investigation',
} as const;

/**
 * VEX documents are named by their vulnerability, so one template is enough for all. An erratum is named by its id, and
 * evidence points to its list of vulnerabilities, because their indexes differ.
 */
function evidenceOf(vulnerability: string, { document, status, inferred }: SourcedRow): string {
  const { tree, path } = document;
  if (tree === 'redhat-advisories') return `${tree}#${path}/vulnerabilities`;
  const usual = path === `${vulnerability.slice(4, 8)}/${vulnerability.toLowerCase()}.json`;
  const key = inferred ? 'fixed' : statusKeys[status];
  return `${tree}#${usual ? '{year}/{cve}.json' : path}/vulnerabilities/0/product_status/${key}`;
}

/** The architectures, if they are not all that the release is built for. */
function limitingArch({ arch, subject, archMatters }: SourcedRow): string[] | undefined {
  if (!arch || (subject === 'source' && !archMatters)) return undefined;
  return limitingArchitectures(arch);
}

/** A document's entry for a vulnerability, read on demand. */
export interface FlawEntry {
  document: Pick<DocumentRecord, 'tree' | 'path' | 'updated'>;
  /** The document is the last good version of one that can no longer be read. */
  stale: boolean;
  read(): VulnerabilityRecord;
}

export type FlawEntries = Map<string, FlawEntry[]>;

/** Notes a document's vulnerabilities; `read` returns the one at an index. */
export function addEntries(
  entries: FlawEntries,
  { ids, tree, path, updated }: DocumentSummary,
  read: (at: number) => VulnerabilityRecord,
  stale = false,
): void {
  const document = { tree, path, updated };
  ids.forEach((id, at) => {
    const entry: FlawEntry = { document, stale, read: () => read(at) };
    const known = entries.get(id);
    if (known) known.push(entry);
    else entries.set(id, [entry]);
  });
}

/** Claims about some vulnerabilities, without contradictions; equal claims are stored once. */
export interface Settled {
  vulnerabilities: SettledVulnerability[];
  /** Platform -> package -> claim as JSON -> indexes into `vulnerabilities`, ascending. */
  claims: Map<string, Map<string, Map<string, number[]>>>;
}

export interface SettledVulnerability {
  details: Vulnerability;
  /** Rows that became no statement, or one with a doubt. */
  notes: SettledNote[];
  /** Unreadable statements about packages that no document has other statements about. Absent: none. */
  unread?: UnreadProducts[];
}

export interface SettledNote {
  reason: string;
  /** Number of product ids that were counted as used when their document was read, but are not used; 0: a doubt. */
  lost: number;
  where: string;
  detail: string;
}

/** Joins the documents of all trees by vulnerability; the result does not depend on their order. */
export function settle(ids: Iterable<string>, entries: FlawEntries, modules: ModuleBook): Settled {
  const settled: Settled = { vulnerabilities: [], claims: new Map() };
  for (const id of [...ids].sort()) {
    const found = entries.get(id);
    if (!found) continue;
    const at = settled.vulnerabilities.length;
    const records = [...found]
      .sort(byPlace)
      .map(({ read, ...rest }): ReadEntry => ({ ...rest, record: read() }));
    const notes: SettledNote[] = [];
    const noting = notesInto(notes);
    const rows = sourcedRows(records);
    const merged = mergeRows(withModules(rows, modules, noting), noting);
    for (const row of merged) {
      const packages = childOf(settled.claims, row.stream.platform);
      const claim = JSON.stringify(rowClaim(id, row));
      addIndex(childOf(packages, row.name), claim, at);
      if (row.also) for (const name of row.also) addIndex(childOf(packages, name), claim, at);
    }
    const unread = unreadBeside(unreadOf(records, rows), merged.flatMap(packagesOf));
    settled.vulnerabilities.push({
      details: detailsOf(records),
      notes,
      ...(unread.length > 0 ? { unread } : {}),
    });
  }
  return settled;
}

interface ReadEntry extends Omit<FlawEntry, 'read'> {
  record: VulnerabilityRecord;
}

/** Statements that were understood in no document, and modular fixes whose module no document names. */
function unreadOf(records: readonly ReadEntry[], rows: readonly SourcedRow[]): UnreadProducts[] {
  const modular = rows.filter(lacksModule);
  return [
    ...records.flatMap(({ record }) => record.unread ?? []),
    ...modular.map(({ stream, name, count }): UnreadProducts => [stream.platform, name, count]),
  ];
}

function byPlace({ document: a }: FlawEntry, { document: b }: FlawEntry): number {
  return trees.indexOf(a.tree) - trees.indexOf(b.tree) || compareCodeUnits(a.path, b.path);
}

function addIndex(claims: Map<string, number[]>, claim: string, at: number): void {
  const known = claims.get(claim);
  if (!known) claims.set(claim, [at]);
  else if (known.at(-1) !== at) known.push(at);
}

function childOf<V>(parents: Map<string, Map<string, V>>, name: string): Map<string, V> {
  let child = parents.get(name);
  if (!child) {
    child = new Map();
    parents.set(name, child);
  }
  return child;
}

/** Drops a modular fix of unknown module: it would be compared with packages of no module or of another one. */
function withModules(rows: SourcedRow[], modules: ModuleBook, notes: MergeNotes): SourcedRow[] {
  if (!rows.some(lacksModule)) return rows;
  const guessed = modules.guess(rows);
  return rows.flatMap((row) => {
    if (!lacksModule(row)) return [row];
    const module = guessed.get(row);
    if (module === undefined) notes.lose(row, 'module_missing');
    else notes.doubt(row, 'module_inferred');
    return module === undefined ? [] : [{ ...row, module }];
  });
}

function sourcedRows(records: readonly ReadEntry[]): SourcedRow[] {
  const rows = records.flatMap(({ record, document, stale }) =>
    record.rows.map((row): SourcedRow => ({ ...row, document, stale })),
  );
  return rows.some(({ also }) => also) ? unfolded(rows) : rows;
}

/** Containers in a joined row get rows of their own if another row of the same place is about them too. */
function unfolded(rows: readonly SourcedRow[]): SourcedRow[] {
  const shared = repeatedNames(rows);
  return rows.flatMap((row) => {
    const { also, ...first } = row;
    const names = also && [first.name, ...also];
    const alone = names?.filter((name) => shared.has(containerPlace(row, name))) ?? [];
    if (!names || alone.length === 0) return [row];
    const single = alone.map((name): SourcedRow => ({ ...first, name, source: name, count: 1 }));
    const [next, ...others] = names.filter((name) => !alone.includes(name));
    // Product ids of all architectures are counted in the first name's row.
    if (single[0]!.name === first.name) single[0]!.count = first.count - also!.length;
    if (next === undefined) return single;
    const count = next === first.name ? first.count - alone.length : others.length + 1;
    const rest: SourcedRow = { ...first, name: next, source: next, count };
    return [others.length > 0 ? { ...rest, also: others } : rest, ...single];
  });
}

function repeatedNames(rows: readonly SourcedRow[]): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const row of rows) {
    if (!row.name.startsWith('oci:')) continue;
    for (const name of row.also ? [row.name, ...row.also] : [row.name]) {
      const place = containerPlace(row, name);
      if (seen.has(place)) twice.add(place);
      else seen.add(place);
    }
  }
  return twice;
}

function containerPlace({ stream }: SourcedRow, name: string): string {
  return `${stream.platform} ${stream.channel} ${name}`;
}

/** Fields of the most detailed tree come first: titles of the legacy tree name the component. */
function detailsOf(records: readonly ReadEntry[]): Vulnerability {
  return Object.assign({}, ...records.map(({ record }) => record.details).reverse()) as Vulnerability;
}

function notesInto(notes: SettledNote[]): MergeNotes {
  const where = ({ document: { tree, path } }: SourcedRow) => `${tree}#${path}`;
  return {
    lose: (row, reason, other) => {
      if (row.count > 0)
        notes.push({ reason, lost: row.count, where: where(row), detail: bothSides(row, other) });
    },
    doubt: (row, reason, other) =>
      notes.push({ reason, lost: 0, where: where(row), detail: bothSides(row, other) }),
  };
}

function bothSides(row: SourcedRow, other: SourcedRow | undefined): string {
  const side = ({ stream, name, module, status, fixed, fixState, document }: SourcedRow) => {
    const place = [stream.platform, stream.minor, stream.channel]
      .filter((part) => part !== undefined)
      .join('.');
    const saying = fixed ?? fixState ?? status;
    return `${place}:${module === undefined ? '' : `${module}/`}${name} ${saying} (${document.tree})`;
  };
  return other ? `${side(row)} against ${side(other)}` : side(row);
}
