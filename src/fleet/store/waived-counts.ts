import { type Severity, worseSeverity } from '../../model/feed/index.ts';
import type { FlawCounts } from '../../model/fleet/index.ts';
import { flawKey } from '../../model/verdict/index.ts';
import { actingWaivers } from '../waivers/acting-waivers.ts';
import { namedFlaws } from '../waivers/waived-flaws.ts';
import type { Database, Queries } from './database.ts';
import { json } from './json.ts';

/** A run that ends and a person who waives must not count the same image at once. */
const countsLock = 7_203_914_455_002;

/** Held to the end of the transaction. */
export async function lockCounts(queries: Queries): Promise<void> {
  await queries.query('SELECT pg_advisory_xact_lock($1)', [countsLock]);
}

/** Counts waived flaws apart in every image where they are others than before. */
export async function refreshWaived(queries: Queries, now: Date): Promise<void> {
  const acting = await actingWaivers(queries, now);
  const flaws = new Map<number, Map<string, WaivedFlaw>>();
  for (const { verdict, image, waivers } of await namedFlaws(queries, acting)) {
    const ofImage = flaws.get(image) ?? new Map<string, WaivedFlaw>();
    flaws.set(image, ofImage);
    const key = flawKey(verdict);
    const known = ofImage.get(key);
    // A flaw is put aside where it is in each installed package that has it.
    const isWaived = waivers.length > 0 && (known?.isWaived ?? true);
    const severity = verdict.severity as Severity;
    ofImage.set(key, {
      severity: known ? worseSeverity(known.severity, severity) : severity,
      exploited: verdict.exploited || known?.exploited === true,
      fixable: verdict.fix_state === 'available' || known?.fixable === true,
      isWaived,
    });
  }
  const images = await queries.query<{ id: number; found: FlawCounts; waived: number }>(
    `SELECT image AS id, found, (counts->>'waived')::integer AS waived FROM fleet.image_counts
     WHERE image = ANY($1::integer[]) OR counts->>'waived' <> '0'`,
    [[...flaws.keys()]],
  );
  const rows = images.map(({ id, found }) => ({ id, counts: withoutWaived(found, flaws.get(id)) }));
  await queries.query(
    `UPDATE fleet.image_counts SET counts = given.counts
     FROM jsonb_to_recordset($1::jsonb) AS given (id integer, counts jsonb)
     WHERE image = given.id AND image_counts.counts IS DISTINCT FROM given.counts`,
    [json(rows)],
  );
  await queries.query(
    `INSERT INTO fleet.settings (key, value) VALUES ('waivers', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    [json(acting.map(({ id }) => id))],
  );
}

/** Counts again if a waiver has expired since the last time: what is read after this is of today. */
export async function endExpired(database: Database, now: Date): Promise<void> {
  const acting = json((await actingWaivers(database, now)).map(({ id }) => id));
  const [kept] = await database.query<{ value: number[] }>(
    `SELECT value FROM fleet.settings WHERE key = 'waivers'`,
  );
  if (json(kept?.value ?? []) === acting) return;
  await database.transaction(async (queries) => {
    await lockCounts(queries);
    await refreshWaived(queries, now);
  });
}

interface WaivedFlaw {
  severity: Severity;
  exploited: boolean;
  fixable: boolean;
  isWaived: boolean;
}

function withoutWaived(found: FlawCounts, named: ReadonlyMap<string, WaivedFlaw> | undefined): FlawCounts {
  const counts = { ...found, flaws: { ...found.flaws }, waived: 0 };
  for (const { severity, exploited, fixable, isWaived } of named?.values() ?? []) {
    if (!isWaived) continue;
    counts.waived += 1;
    counts.flaws[severity] -= 1;
    if (exploited) counts.exploited -= 1;
    if (fixable) counts.fixable -= 1;
  }
  return counts;
}
