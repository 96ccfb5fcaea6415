import { grouped, pushTo } from '../../model/order.ts';
import { flawKey } from '../../model/verdict/index.ts';
import type { Queries } from '../store/database.ts';
import { keepReportedSla, type OverdueFlaw, overdueFlaws, reportedSla, slaRules } from '../store/sla.ts';
import { dayOf, type Waivers } from '../waivers/acting-waivers.ts';
import type { FleetEvent } from './events.ts';
import { EventBook } from './feed-events.ts';
import { byStanding, flawText } from './flaws.ts';
import { imagesOfPackages } from './watched.ts';

/**
 * Flaws that became overdue by the SLA since the last run's report: time passed, or the rules, the rating or the fix changed. An image that gets a package with an overdue flaw has news of the flaw itself.
 */
export async function overdueEvents(
  queries: Queries,
  { run, last, now }: { run: number; last: number | undefined; now: Date },
  waivers: Waivers,
): Promise<FleetEvent[]> {
  const rules = await slaRules(queries);
  const reported = await reportedSla(queries);
  const sla = rules && { rules, day: dayOf(now) };
  await keepReportedSla(queries, sla);
  if (!sla) return [];
  const before = reported && last !== undefined ? await overdueFlaws(queries, reported, last) : [];
  const known = new Set(before.map(partOf));
  const late = (await overdueFlaws(queries, sla, run)).filter((each) => !known.has(partOf(each)));
  const wereLate = grouped(before, keyOf);
  const events = new EventBook();
  for (const [key, flaws] of grouped(late, keyOf)) {
    const images = await imagesOfPackages(queries, packagesOf(flaws));
    const others = await imagesOfPackages(queries, packagesOf(wereLate.get(key) ?? []));
    const isKnown = new Set([...others.values()].flat());
    const byImage = new Map<number, OverdueFlaw[]>();
    for (const flaw of flaws)
      for (const image of images.get(flaw.package) ?? [])
        if (!isKnown.has(image)) pushTo(byImage, image, flaw);
    for (const [image, own] of byImage) {
      const reported = own.toSorted(byStanding)[0]!;
      events.addWaivable(eventOf(reported, image), () => {
        const all = own.map((flaw) => waivers.ofFlaw(flaw, image));
        return all.every((each) => each.length > 0) ? all.flat() : [];
      });
    }
  }
  return events.events();
}

function eventOf(flaw: OverdueFlaw, image: number): FleetEvent {
  const { vulnerability, source, platform, severity, exploited, due } = flaw;
  return {
    ...{ kind: 'overdue', cause: 'sla', vulnerability, package: source, platform, severity, exploited },
    ...{ after: flawText(flaw), detail: `due ${due}`, images: [image] },
  };
}

const partOf = (flaw: OverdueFlaw) => JSON.stringify([flaw.package, keyOf(flaw)]);

const keyOf = (flaw: OverdueFlaw) => JSON.stringify([flawKey(flaw), flaw.platform]);

function packagesOf(flaws: readonly OverdueFlaw[]): number[] {
  return [...new Set(flaws.map((flaw) => flaw.package))];
}
