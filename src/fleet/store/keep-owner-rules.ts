import type { OwnerRule } from '../../model/fleet/index.ts';
import type { Database } from './database.ts';
import { json } from './json.ts';
import { lockCounts, refreshWaived } from './waived-counts.ts';

/** Keeps rules in place of those before. Waivers of owners act by them from now on. */
export async function keepOwnerRules(
  database: Database,
  rules: readonly OwnerRule[],
  now: Date,
): Promise<void> {
  await database.transaction(async (queries) => {
    await lockCounts(queries);
    await queries.query(
      `INSERT INTO fleet.settings (key, value) VALUES ('owners', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      [json(rules)],
    );
    await refreshWaived(queries, now);
  });
}
