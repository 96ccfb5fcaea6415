import type { Database } from '../../fleet/store/database.ts';
import { endExpired } from '../../fleet/store/waived-counts.ts';
import { addWaiver, listWaivers } from '../../fleet/store/waivers.ts';
import type { ListedWaiver, WaiverRequest } from '../../model/index.ts';

/** The common part of waivers that are made at once. */
export type WaiverScope = Omit<WaiverRequest, 'vulnerability' | 'rule'>;

/** Makes a waiver for each vulnerability and rule, and returns them with what they cover. `by`: the author. */
export async function makeWaivers(
  database: Database,
  about: readonly ({ vulnerability: string } | { rule: string })[],
  scope: WaiverScope,
  by: string,
  now: Date,
): Promise<ListedWaiver[]> {
  await endExpired(database, now);
  const made = new Set<number>();
  for (const each of about) made.add(await addWaiver(database, { ...each, ...scope }, by, now));
  return (await listWaivers(database, now, 'all')).filter(({ id }) => made.has(id));
}
