import type { Waiver } from '../../model/fleet/index.ts';
import { grouped } from '../../model/order.ts';
import { flawKey, isMalicious } from '../../model/verdict/index.ts';
import type { Queries } from '../store/database.ts';
import type { Waivers } from '../waivers/acting-waivers.ts';
import type { EventCause, EventKind, FleetEvent, OtherCause } from './events.ts';
import { byStanding, type FlawVerdict, flawColumns, flawText, isOpenFlaw } from './flaws.ts';
import { unjudgedAmong } from './unjudged.ts';
import { imagesOfPackages } from './watched.ts';
import { type RunJudging, withdrawn } from './withdrawn.ts';

/**
 * Changes since the last finished run for packages that were judged then: by the feed, or by another scapfeed. Verdicts of
 * packages that are new in the fleet are reported with their images.
 */
export async function feedEvents(
  queries: Queries,
  last: number,
  cause: OtherCause,
  waivers: Waivers,
  judging: RunJudging,
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
  const changes = await withEnds(queries, paired(before, after), judging);
  const others = await stillOpen(queries, last, changes);
  const images = await imagesOfPackages(queries, [
    ...new Set([...changes, ...others].map(({ package: number }) => number)),
  ]);
  const events = new EventBook();
  const alike = grouped(others, flawOf);
  for (const [flaw, group] of grouped(changes, flawOf)) {
    const parts = [...group, ...(alike.get(flaw) ?? [])];
    for (const { changes: own, images: seen } of bySameChanges(parts, images))
      for (const event of flawEvents(joined(own), cause))
        events.addWaivable({ ...event, images: seen }, (image) => waiversOf(own, image, waivers));
  }
  return events.events();
}

/** The former and the new state of one flaw in an installed package; of several packages, where it is worst. */
interface FlawChange {
  was?: FlawVerdict;
  is?: FlawVerdict;
  /** It is unknown whether it still is: the package cannot be judged any more. */
  lost?: true;
  /** The feed makes no statement about it any more: nobody says that it is fixed. */
  gone?: true;
}

interface PackageChange extends FlawChange {
  package: number;
}

function paired(before: readonly FlawVerdict[], after: readonly FlawVerdict[]): PackageChange[] {
  const changes = new Map<string, PackageChange>();
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

/**
 * A flaw has no end in a package that cannot be judged any more; for a whole system, one news item reports that. Without a statement of
 * the vendor, it is gone and not fixed.
 */
async function withEnds(
  queries: Queries,
  changes: readonly PackageChange[],
  judging: RunJudging,
): Promise<readonly PackageChange[]> {
  const hasEnded = ({ was, is }: PackageChange) => isOpen(was) && is === undefined;
  const ended = changes.flatMap((change) =>
    hasEnded(change) ? { change, package: change.package, vulnerability: change.was!.vulnerability } : [],
  );
  const packages = new Set(ended.map(({ package: number }) => number));
  if (packages.size === 0) return changes;
  const unjudged = await unjudgedAmong(queries, [...packages]);
  const whole = new Map(unjudged.map((each) => [each.id, each.whole]));
  const known = ended.filter((each) => !whole.has(each.package));
  const gone = new Set([...(await withdrawn(queries, judging, known))].map(({ change }) => change));
  return changes.flatMap((change) => {
    if (gone.has(change)) return { ...change, gone: true as const };
    const isWhole = hasEnded(change) ? whole.get(change.package) : undefined;
    if (isWhole === undefined) return change;
    return isWhole ? [] : { ...change, lost: true as const };
  });
}

function flawOf({ was, is }: FlawChange): string {
  const verdict = (is ?? was)!;
  return JSON.stringify([flawKey(verdict), verdict.platform]);
}

/**
 * Packages in which a flaw was open and still is, where it begins or ends in another one: it is neither new nor gone in an image that
 * has both.
 */
async function stillOpen(
  queries: Queries,
  last: number,
  changes: readonly PackageChange[],
): Promise<PackageChange[]> {
  const moved = changes.filter(({ was, is }) => isOpen(was) !== isOpen(is));
  if (moved.length === 0) return [];
  const flaws = new Set(moved.map(flawOf));
  const known = new Set(changes.map((change) => `${change.package} ${flawOf(change)}`));
  const open = await queries.query<FlawVerdict>(
    `SELECT ${flawColumns} FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
     WHERE vulnerability = ANY($2::text[]) AND first_run <= $1 AND from_run <= $1 AND to_run IS NULL
       AND status = 'affected' AND hidden IS NULL`,
    [last, [...new Set(moved.map(({ was, is }) => (is ?? was)!.vulnerability))]],
  );
  return open
    .map((verdict) => ({ package: verdict.package, was: verdict, is: verdict }))
    .filter((each) => flaws.has(flawOf(each)) && !known.has(`${each.package} ${flawOf(each)}`));
}

/** The images that have some of these packages, those together in which the same of them are. */
function bySameChanges(
  changes: readonly PackageChange[],
  images: ReadonlyMap<number, readonly number[]>,
): { changes: readonly PackageChange[]; images: number[] }[] {
  const own = new Map<number, PackageChange[]>();
  for (const change of changes)
    for (const image of images.get(change.package) ?? []) {
      const known = own.get(image);
      if (known) known.push(change);
      else own.set(image, [change]);
    }
  return [...grouped(own, ([, list]) => list.map((each) => each.package).join()).values()].map((alike) => ({
    changes: alike[0]![1],
    images: alike.map(([image]) => image),
  }));
}

function joined(changes: readonly PackageChange[]): FlawChange {
  const was = worst(changes.flatMap((change) => change.was ?? []));
  const is = worst(changes.flatMap((change) => change.is ?? []));
  const lost = changes.some((change) => change.lost);
  const gone = changes.some((change) => change.gone);
  return { ...(was && { was }), ...(is && { is }), ...(lost && { lost }), ...(gone && { gone }) };
}

/** An open one before others, then by urgency; with the fix of any that is as open and has one. */
function worst(verdicts: readonly FlawVerdict[]): FlawVerdict | undefined {
  const [first, ...others] = verdicts.toSorted((a, b) => byStanding(a, b) || a.package - b.package);
  if (!first || first.fix_state === 'available') return first;
  const fixable = others.find((each) => each.fix_state === 'available' && isOpen(each) === isOpen(first));
  return fixable ? { ...first, fix_state: fixable.fix_state, fixed_version: fixable.fixed_version } : first;
}

function isOpen(verdict: FlawVerdict | undefined): boolean {
  return verdict !== undefined && isOpenFlaw(verdict);
}

/** Of a flaw that is in several packages of an image, one that is not waived counts. */
function waiversOf(
  changes: readonly PackageChange[],
  image: number,
  waivers: Waivers,
): readonly Pick<Waiver, 'id'>[] {
  const now = changes.flatMap(({ is }) => (is && isOpenFlaw(is) ? is : []));
  const flaws = now.length > 0 ? now : changes.flatMap(({ was }) => (was && isOpenFlaw(was) ? was : []));
  const all = flaws.map((flaw) => waivers.ofFlaw(flaw, image));
  return all.every((each) => each.length > 0) ? all.flat() : [];
}

/** The news in one change; none if it is about what no default view shows. */
export function flawEvents({ was, is, lost, gone }: FlawChange, cause: EventCause): FleetEvent[] {
  const before = was && isOpenFlaw(was) ? was : undefined;
  const after = is && isOpenFlaw(is) ? is : undefined;
  const latest = after ?? before;
  if (!latest) return [];
  const event = (kind: EventKind, words: Partial<FleetEvent> = {}): FleetEvent => ({
    kind,
    cause,
    vulnerability: latest.vulnerability,
    package: latest.source,
    platform: latest.platform,
    severity: latest.severity,
    exploited: latest.exploited,
    ...(was && { before: flawText(was) }),
    ...(is && { after: flawText(is) }),
    images: [],
    ...words,
  });
  if (!before) return [event('new')];
  if (!after && lost) return [event('uncovered', { after: 'not known any more' })];
  if (!after && gone) return [event('gone', { after: 'the feed has no statement about it any more' })];
  // Verdicts that are kept and not open: nobody says of them that the flaw is fixed.
  if (is && !after) return [event(is.status === 'affected' ? 'gone' : 'uncovered')];
  if (!after) return [event('fixed', { after: 'no longer affected' })];
  const events: FleetEvent[] = [];
  if (after.exploited && !before.exploited) events.push(event('exploited'));
  if (after.severity !== before.severity || isMalicious(after) !== isMalicious(before))
    events.push(event('severity', { before: severityText(before), after: severityText(after) }));
  if (after.fix_state === 'available' && before.fix_state !== 'available')
    events.push(event('fix_available'));
  return events;
}

/** `high`; `critical, malicious package`. */
function severityText({ severity, marks }: FlawVerdict): string {
  return isMalicious({ marks }) ? `${severity}, malicious package` : severity;
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
