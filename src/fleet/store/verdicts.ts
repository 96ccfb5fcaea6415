import type { UncoveredPackage, ViewedVerdict } from '../../model/verdict/index.ts';
import type { JudgedPackages } from '../judge/judge-packages.ts';
import type { Queries } from './database.ts';
import { json } from './json.ts';

/** Columns of `fleet.verdicts` that are the verdict; another value in one of them is another verdict. */
export const verdictColumns = [
  'vulnerability',
  'platform',
  'status',
  'fix_state',
  'fixed_version',
  'reason',
  'severity',
  'severity_source',
  'exploited',
  'hidden',
  'rejected',
  'suppressed',
  'channel',
  'advisories',
  'marks',
] as const;

export type VerdictRow = Record<(typeof verdictColumns)[number], string | boolean | readonly string[] | null>;

/** A verdict as the store keeps it. Risk and EPSS are left out: they change each night for every flaw. */
export function verdictRow(verdict: ViewedVerdict): VerdictRow {
  return {
    vulnerability: verdict.vulnerability,
    platform: verdict.platform,
    status: verdict.status,
    fix_state: verdict.fixState ?? null,
    fixed_version: verdict.fixedVersion ?? null,
    reason: verdict.reason ?? null,
    severity: verdict.severity,
    severity_source: verdict.severitySource ?? null,
    exploited: verdict.exploited !== undefined,
    hidden: verdict.hidden ?? null,
    rejected: verdict.rejected ?? false,
    suppressed: verdict.suppressed ?? null,
    channel: verdict.channel ?? null,
    advisories: verdict.advisories,
    marks: verdict.marks,
  };
}

const uncoveredColumns = ['reason', 'detail'] as const;

function uncoveredRow({
  reason,
  detail,
}: UncoveredPackage): Record<(typeof uncoveredColumns)[number], string | null> {
  return { reason, detail: detail ?? null };
}

/**
 * Stores a feed's verdicts on packages: closes verdicts that no longer hold and opens new ones. Idempotent. Packages that were
 * pruned meanwhile are skipped; the others are locked until the end of the transaction, so that they are not pruned.
 */
export async function keepJudged(
  queries: Queries,
  run: number,
  packages: readonly number[],
  { verdicts, uncovered }: JudgedPackages,
): Promise<void> {
  const rows = await queries.query<{ id: number }>(
    `UPDATE fleet.packages SET judged_run = $2, first_run = coalesce(first_run, $2) WHERE id = ANY($1::integer[]) RETURNING id`,
    [packages, run],
  );
  const kept = rows.map(({ id }) => id);
  const isKept = new Set(kept);
  await replaceOpen(queries, run, kept, {
    table: 'fleet.verdicts',
    columns: verdictColumns,
    rows: rowsOf(verdicts, isKept, verdictRow),
    types: `vulnerability text, platform text, status text, fix_state text, fixed_version text, reason text, severity text,
      severity_source text, exploited boolean, hidden text, rejected boolean, suppressed text, channel text,
      advisories text[], marks text[]`,
    begun: { column: 'available_run', of: (ended) => availableSince(run, ended) },
  });
  await replaceOpen(queries, run, kept, {
    table: 'fleet.uncovered',
    columns: uncoveredColumns,
    rows: rowsOf(uncovered, isKept, uncoveredRow),
    types: 'reason text, detail text',
  });
}

/** The run since which the fix of an open flaw can be installed: that of the verdict that ends, if it had the fix too. */
function availableSince(run: number, ended: readonly OpenRow[]): (row: Row) => number | null {
  const flawOf = (row: Row) => json([row['package'], row['vulnerability']]);
  const since = new Map(ended.map((row) => [flawOf(row), row['available_run'] as number | null]));
  return (row) => {
    const isOpen = row['status'] === 'affected' && row['hidden'] === null;
    return isOpen && row['fix_state'] === 'available' ? (since.get(flawOf(row)) ?? run) : null;
  };
}

type Row = Readonly<Record<string, unknown>>;

function rowsOf<T>(
  lists: ReadonlyMap<number, readonly T[]>,
  isKept: ReadonlySet<number>,
  row: (value: T) => Row,
): (Row & { package: number })[] {
  return [...lists]
    .filter(([pkg]) => isKept.has(pkg))
    .flatMap(([pkg, values]) => values.map((value) => ({ package: pkg, ...row(value) })));
}

/** Intervals of one table about packages. */
interface Intervals {
  table: string;
  columns: readonly string[];
  rows: readonly (Row & { package: number })[];
  /** The columns with their types. */
  types: string;
  /** A number that is no part of the decision: of rows that begin, by those that end. */
  begun?: { column: string; of(ended: readonly OpenRow[]): (row: Row) => number | null };
}

type OpenRow = Row & { id: number; package: number; from_run: number };

/** Rows are compared as a whole: a vulnerability may occur several times for one package. */
async function replaceOpen(
  queries: Queries,
  run: number,
  packages: readonly number[],
  { table, columns, rows, types, begun }: Intervals,
): Promise<void> {
  const keyOf = (row: Row) => json([row['package'], ...columns.map((column) => row[column])]);
  const open = await queries.query<OpenRow>(
    `SELECT id, package, from_run, ${[...columns, ...(begun ? [begun.column] : [])].join(', ')} FROM ${table} WHERE package = ANY($1::integer[]) AND to_run IS NULL`,
    [packages],
  );
  const before = new Map(open.map((row) => [keyOf(row), row]));
  const now = new Map(rows.map((row) => [keyOf(row), row]));
  const added = [...now].filter(([key]) => !before.has(key)).map(([, row]) => row);
  const ended = [...before].filter(([key]) => !now.has(key)).map(([, row]) => row);
  // Verdicts that this run began itself, before it was given to another process, were never reported.
  const inRun = ended.filter(({ from_run: from }) => from === run).map(({ id }) => id);
  const earlier = ended.filter(({ from_run: from }) => from !== run).map(({ id }) => id);
  if (inRun.length > 0) await queries.query(`DELETE FROM ${table} WHERE id = ANY($1::integer[])`, [inRun]);
  if (earlier.length > 0)
    await queries.query(`UPDATE ${table} SET to_run = $2 WHERE id = ANY($1::integer[])`, [earlier, run]);
  if (added.length === 0) return;
  const numberOf = begun?.of(ended);
  const given = begun ? added.map((row) => ({ ...row, [begun.column]: numberOf!(row) })) : added;
  const more = begun ? [begun.column] : [];
  await queries.query(
    `INSERT INTO ${table} (package, ${[...columns, ...more].join(', ')}, from_run)
     SELECT package, ${[...columns, ...more].join(', ')}, $2::integer
     FROM jsonb_to_recordset($1::jsonb) AS given (package integer, ${[types, ...more.map((name) => `${name} integer`)].join(', ')})`,
    [json(given), run],
  );
}
