import type { AuditEntry, AuditedAct, AuditKind } from '../../model/fleet/index.ts';
import type { Queries } from './database.ts';
import { json, storable } from './json.ts';

/** Limits on what is kept: acts, and reads with refusals, which cannot push acts out. */
const mostChanges = 1_000_000;
const mostReads = 100_000;
/** Rows between two looks at the limits. */
const trimEvery = 1000;

/** Characters of an actor and of an act. A person is one by address, subject and provider, which must not be cut. */
const longest = { actor: 1000, act: 500 };

/** Adds rows to the audit log; the oldest of their kind give way at its limits. */
export async function recordActs(queries: Queries, acts: readonly AuditedAct[], now: Date): Promise<void> {
  if (acts.length === 0) return;
  const rows = acts.map(({ actor, kind, act }) => ({
    ...{ kind, actor: cut(storable(actor), longest.actor), act: cut(storable(act), longest.act) },
  }));
  const [row] = await queries.query<{ last: number }>(
    `WITH added AS (INSERT INTO fleet.audit (at, actor, kind, act)
       SELECT $2::timestamptz, actor, kind, act FROM jsonb_to_recordset($1::jsonb) AS given (actor text, kind text, act text)
       RETURNING id)
     SELECT max(id) AS last FROM added`,
    [json(rows), now],
  );
  if (row!.last % trimEvery >= acts.length) return;
  await trim(queries, "kind = 'change'", mostChanges);
  await trim(queries, "kind <> 'change'", mostReads);
}

/** A text that was cut says so: what it ends with may be what limits a waiver. */
function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

async function trim(queries: Queries, kinds: string, most: number): Promise<void> {
  await queries.query(
    `DELETE FROM fleet.audit WHERE ${kinds} AND id <= (SELECT id FROM fleet.audit WHERE ${kinds} ORDER BY id DESC OFFSET $1 LIMIT 1)`,
    [most],
  );
}

/** Selects entries; all given conditions must hold. */
export interface AuditChoice {
  since?: Date;
  /** A name; of people of a provider, the address before the parenthesis suffices. */
  actor?: string;
  kind?: AuditKind;
  /** Entries before this one. */
  before?: number;
  limit: number;
}

/** Entries, the newest first. */
export async function readAudit(
  queries: Queries,
  { since, actor, kind, before, limit }: AuditChoice,
): Promise<AuditEntry[]> {
  const rows = await queries.query<Omit<AuditEntry, 'at'> & { at: Date }>(
    `SELECT id, at, actor, kind, act FROM fleet.audit
     WHERE ($1::timestamptz IS NULL OR at >= $1) AND ($2::text IS NULL OR actor = $2 OR actor LIKE $6) AND ($3::text IS NULL OR kind = $3)
       AND ($4::integer IS NULL OR id < $4) ORDER BY id DESC LIMIT $5`,
    [
      ...[since ?? null, actor === undefined ? null : storable(actor), kind ?? null, before ?? null, limit],
      `${storable(actor ?? '').replaceAll(/[\\%_]/g, '\\$&')} (%`,
    ],
  );
  return rows.map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() }));
}
