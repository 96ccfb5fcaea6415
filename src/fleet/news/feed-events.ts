import type { Waiver } from '../../model/index.ts';
import type { Queries } from '../store/database.ts';
import type { Waivers } from '../waivers/acting-waivers.ts';
import type { EventCause, EventKind, FleetEvent, OtherCause } from './events.ts';
import { type FlawVerdict, flawColumns, flawText, isOpenFlaw } from './flaws.ts';
import { imagesOfPackages } from './watched.ts';

/**
 * What changed since the last finished run for packages that were judged then: by the feed, or by another scapfeed. Verdicts
 * of packages that are new in the fleet are told with their images.
 */
export async function feedEvents(
  queries: Queries,
  last: number,
  cause: OtherCause,
  waivers: Waivers,
): Promise<FleetEvent[]> {
  const before = await queries.query<FlawVerdict>(
    `SELECT ${flawColumns} FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
     WHERE first_run <= $1 AND from_run <= $1 AND to_run > $1`,
    [last],
  );
  const after = await queries.query<FlawVerdict>(
    `SELECT ${flawColumns} FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
     WHERE first_run <= $1 AND from_run > $1 AND to_run IS NULL`,
    [last],
  );
  const changes = paired(before, after);
  const images = await imagesOfPackages(queries, [...new Set(changes.map(({ package: number }) => number))]);
  const events = new EventBook();
  for (const change of changes) {
    const seen = images.get(change.package) ?? [];
    // Nobody watches an image that has it.
    if (seen.length === 0) continue;
    const flaw = (change.is ?? change.was)!;
    for (const event of flawEvents(change, cause))
      events.addWaivable({ ...event, images: seen }, (image) => waivers.ofFlaw(flaw, image));
  }
  return events.events();
}

interface FlawChange {
  package: number;
  was?: FlawVerdict;
  is?: FlawVerdict;
}

function paired(before: readonly FlawVerdict[], after: readonly FlawVerdict[]): FlawChange[] {
  const changes = new Map<string, FlawChange>();
  const changeOf = (verdict: FlawVerdict): FlawChange => {
    const key = `${verdict.package} ${verdict.vulnerability}`;
    const known = changes.get(key) ?? { package: verdict.package };
    changes.set(key, known);
    return known;
  };
  for (const verdict of before) changeOf(verdict).was ??= verdict;
  for (const verdict of after) changeOf(verdict).is ??= verdict;
  return [...changes.values()];
}

/** The news in one change; none if it is about what no default view shows. */
export function flawEvents({ was, is }: Omit<FlawChange, 'package'>, cause: EventCause): FleetEvent[] {
  const before = was && isOpenFlaw(was) ? was : undefined;
  const after = is && isOpenFlaw(is) ? is : undefined;
  const told = after ?? before;
  if (!told) return [];
  const event = (kind: EventKind, words: Partial<FleetEvent> = {}): FleetEvent => ({
    kind,
    cause,
    vulnerability: told.vulnerability,
    package: told.source,
    platform: told.platform,
    severity: told.severity,
    exploited: told.exploited,
    ...(was && { before: flawText(was) }),
    ...(is && { after: flawText(is) }),
    images: [],
    ...words,
  });
  if (!before) return [event('new')];
  if (!after) return [event('fixed', is ? {} : { after: 'no longer affected' })];
  const events: FleetEvent[] = [];
  if (after.exploited && !before.exploited) events.push(event('exploited'));
  if (after.severity !== before.severity)
    events.push(event('severity', { before: before.severity, after: after.severity }));
  if (after.fix_state === 'available' && before.fix_state !== 'available')
    events.push(event('fix_available'));
  return events;
}

/** Joins events that differ only in their images. Those that are waived in some of the images are separate events. */
export class EventBook {
  readonly #events = new Map<string, { event: FleetEvent; images: Map<number, number | undefined> }>();

  add(event: FleetEvent): void {
    this.addWaivable(event, () => []);
  }

  /** `waiversOf`: the waivers by which it does not count in an image. It does if one of its packages is not waived there. */
  addWaivable(event: FleetEvent, waiversOf: (image: number) => readonly Pick<Waiver, 'id'>[]): void {
    const { images, ...words } = event;
    const key = JSON.stringify([
      ...[words.kind, words.cause, words.vulnerability, words.package, words.platform],
      ...[words.severity, words.before, words.after, words.detail, words.name],
    ]);
    const known = this.#events.get(key) ?? { event, images: new Map<number, number | undefined>() };
    this.#events.set(key, known);
    for (const image of images) {
      const waiver = waiversOf(image)[0]?.id;
      if (waiver === undefined || !known.images.has(image)) known.images.set(image, waiver);
    }
  }

  events(): FleetEvent[] {
    return [...this.#events.values()].flatMap(({ event, images }) => {
      if (images.size === 0) return event;
      const byWaiver = new Map<number | undefined, number[]>();
      for (const [image, waiver] of [...images].sort(([a], [b]) => a - b)) {
        const seen = byWaiver.get(waiver);
        if (seen) seen.push(image);
        else byWaiver.set(waiver, [image]);
      }
      return [...byWaiver].map(([waiver, seen]) => ({
        ...event,
        ...(waiver !== undefined && { waiver }),
        images: seen,
      }));
    });
  }
}
