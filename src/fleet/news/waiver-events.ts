import type { Waiver } from '../../model/fleet/index.ts';
import type { Queries } from '../store/database.ts';
import { dayOf, waiverColumns } from '../waivers/acting-waivers.ts';
import { waiverUses } from '../waivers/waived-flaws.ts';
import type { FleetEvent } from './events.ts';

/** Waivers that have ended and covered something: reported once, because what they hid counts again. */
export async function waiverEvents(queries: Queries, run: number, now: Date): Promise<FleetEvent[]> {
  const expired = await queries.query<Waiver>(
    `UPDATE fleet.waivers SET expired_run = $2 WHERE ended IS NULL AND until < $1 AND expired_run IS NULL
     RETURNING ${waiverColumns}`,
    [dayOf(now), run],
  );
  const uses = await waiverUses(queries, expired);
  return expired.flatMap(({ id, vulnerability, rule, package: name, reason, until }) => {
    const images = [...uses.get(id)!.images].sort((a, b) => a - b);
    if (images.length === 0) return [];
    const about = rule ?? name;
    return {
      kind: 'waiver_expired' as const,
      cause: 'waiver' as const,
      ...(vulnerability !== null && { vulnerability }),
      ...(about !== null && { package: about }),
      detail: `accepted until ${until}: ${reason}`,
      images,
    };
  });
}
