import type { Database } from '../../fleet/store/database.ts';
import { endExpired } from '../../fleet/store/waived-counts.ts';
import { addWaiver, listWaivers } from '../../fleet/store/waivers.ts';
import type { ListedWaiver, WaiverRequest } from '../../model/fleet/index.ts';
import type { OrUndefined } from '../parameters.ts';
import type { WaiverParameters } from './command-options.ts';

/** A waiver for each vulnerability and rule, of the scope that the parameters state. */
export function waiversOf(
  vulnerabilities: readonly string[],
  {
    rules = [],
    package: name,
    image,
    owner,
    reason,
    until,
  }: OrUndefined<WaiverParameters> & { reason: string },
): WaiverRequest[] {
  const scope = {
    reason,
    ...(name !== undefined && { package: name }),
    ...(image !== undefined && { image }),
    ...(owner !== undefined && { owner }),
    ...(until !== undefined && { until }),
  };
  return [
    ...vulnerabilities.map((vulnerability) => ({ vulnerability, ...scope })),
    ...rules.map((rule) => ({ rule, ...scope })),
  ];
}

/** Makes waivers and returns them with what they cover. `by`: the author. */
export async function makeWaivers(
  database: Database,
  waivers: readonly WaiverRequest[],
  by: string,
  now: Date,
): Promise<ListedWaiver[]> {
  await endExpired(database, now);
  const made = new Set<number>();
  for (const waiver of waivers) made.add(await addWaiver(database, waiver, by, now));
  return (await listWaivers(database, now, 'all')).filter(({ id }) => made.has(id));
}
