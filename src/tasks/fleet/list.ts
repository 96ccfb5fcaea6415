import type { Database } from '../../fleet/store/database.ts';
import { type ListChoice, listNames } from '../../fleet/store/list.ts';
import { endExpired } from '../../fleet/store/waived-counts.ts';
import type { ListedImage } from '../../model/fleet/index.ts';
import { requireSla } from './gate.ts';

/** The names of a choice, and why there is none. `overdue`: that option, as its user spells it. @throws {ScapfeedError} USAGE */
export async function readList(
  database: Database,
  now: Date,
  choice: ListChoice,
  overdue: string,
): Promise<{ names: ListedImage[]; why: string }> {
  if (choice.overdue) await requireSla(database, overdue);
  await endExpired(database, now);
  const names = await listNames(database, now, choice);
  return { names, why: names.length > 0 ? '' : await whyNone(database, now, choice) };
}

/** An owner of no image at all is more likely a wrong name than an owner without such images. */
async function whyNone(database: Database, now: Date, { owner }: ListChoice): Promise<string> {
  if ((await listNames(database, now)).length === 0)
    return 'the fleet is empty: add images with `scapfeed fleet add`';
  if (owner !== undefined && (await listNames(database, now, { owner })).length === 0)
    return `no image of the fleet has the owner ${owner}: see \`scapfeed fleet owners\``;
  return 'no image of the fleet is like that';
}
