import { severities } from '../../model/feed/index.ts';
import type { FlawCounts } from '../../model/fleet/index.ts';
import type { Queries } from '../store/database.ts';
import { imageGaps } from '../store/list.ts';
import type { Waivers } from '../waivers/acting-waivers.ts';
import type { FleetEvent, OtherCause } from './events.ts';
import { byUrgency, type FlawVerdict, flawColumns } from './flaws.ts';

/** Packages whose flaws are read at once: a first run reads those of the whole fleet. */
const packagesAtOnce = 2000;

interface CountedImage {
  name: number;
  image: number;
  platform: string | null;
  packages: number[];
  counts: FlawCounts | null;
  gaps: readonly { code: string }[];
}

interface NewImage extends CountedImage {
  /** Another name stood for it in the last run. */
  known: boolean;
}

const countedColumns = `now.name, now.image, platform, to_json(packages) AS packages, counts, ${imageGaps} AS gaps`;

const countedTables = `fleet.name_images AS now JOIN fleet.images ON images.id = now.image
  LEFT JOIN fleet.image_counts ON image_counts.image = images.id
  LEFT JOIN fleet.coverage ON coverage.system = images.system AND coverage.to_run IS NULL`;

/**
 * Names that are new in the fleet, with the flaws of their images by severity and the worst: the image is the news, and not each of
 * its flaws, which are hundreds. Reads the counts of this run.
 */
export async function newImageEvents(queries: Queries, waivers: Waivers): Promise<FleetEvent[]> {
  const images = await queries.query<NewImage>(
    `SELECT ${countedColumns}, EXISTS (SELECT FROM fleet.name_images AS other
         WHERE other.image = now.image AND other.from_run IS NOT NULL AND other.to_run IS NULL) AS known
     FROM ${countedTables} WHERE now.from_run IS NULL AND now.until IS NULL AND NOT EXISTS (SELECT FROM fleet.name_images AS was
       WHERE was.name = now.name AND was.id < now.id AND was.from_run IS NOT NULL) ORDER BY now.id`,
  );
  if (images.length === 0) return [];
  const flawed = images.filter(({ known }) => !known);
  const worst = await WorstFlaws.read(queries, flawed, waivers);
  return images.map((each) => ({
    ...{ kind: 'added', cause: 'image', name: each.name, images: [each.image] },
    ...(each.known ? { detail: 'another name stands for the same image' } : flawsOf(each, worst)),
  }));
}

/**
 * Images that the fleet had in the last run, or whose former build it had, when no platform of the feed judged them: what they have is
 * news as that of a new image is. A flaw of a package that was judged before and is again is news of its own.
 */
export async function firstJudgedEvents(
  queries: Queries,
  last: number,
  cause: OtherCause,
  waivers: Waivers,
): Promise<FleetEvent[]> {
  const names = await queries.query<CountedImage>(
    `SELECT ${countedColumns} FROM ${countedTables} JOIN fleet.names ON names.id = now.name
     WHERE now.until IS NULL AND removed IS NULL AND coverage.platform IS NOT NULL AND EXISTS (
       SELECT FROM fleet.name_images AS was JOIN fleet.images AS former ON former.id = was.image
       JOIN fleet.coverage AS lacking ON lacking.system = former.system AND lacking.platform IS NULL
         AND lacking.from_run <= $1 AND lacking.to_run > $1
       WHERE was.name = now.name AND was.from_run IS NOT NULL AND was.to_run IS NULL
         AND EXISTS (SELECT FROM fleet.packages WHERE packages.id = ANY(former.packages) AND first_run > $1))
     ORDER BY now.id`,
    [last],
  );
  const images = [...new Map(names.map((each) => [each.image, each])).values()];
  const worst = await WorstFlaws.read(queries, images, waivers);
  return images.map((each) => ({
    ...{ kind: 'judged', cause, ...(each.platform !== null && { platform: each.platform }) },
    ...{ images: [each.image], ...flawsOf(each, worst) },
  }));
}

function flawsOf(
  { image, platform, packages, counts, gaps }: CountedImage,
  worst: WorstFlaws,
): Partial<FleetEvent> {
  if (platform === null || !counts || counts.uncovered >= packages.length)
    return { detail: 'nothing is known of its flaws' };
  const { flaws, exploited, uncovered } = counts;
  const found = severities.toReversed().filter((severity) => flaws[severity] > 0);
  const first = worst.of(image, packages);
  const left = uncovered === 1 ? '1 package not covered' : `${uncovered} packages not covered`;
  const words = [
    ...(first ? [`the worst is ${first.vulnerability} in ${first.source}`] : []),
    ...gaps.map(({ code }) => code.replaceAll('_', ' ')),
    ...(uncovered > 0 ? [left] : []),
  ];
  return {
    ...(found.length > 0 && { severity: found[0]!, exploited: exploited > 0 }),
    after: [
      ...found.map((severity) => `${flaws[severity]} ${severity}`),
      ...(exploited > 0 ? [`${exploited} known exploited`] : []),
      ...(found.length > 0 ? [] : [gaps.length > 0 ? 'no open flaw in what is known' : 'no open flaw']),
    ].join(', '),
    ...(words.length > 0 && { detail: words.join('; ') }),
  };
}

/** Of each package its worst open flaws, up to the first that no waiver is about. */
class WorstFlaws {
  readonly #flaws = new Map<number, FlawVerdict[]>();
  readonly #waivers: Waivers;

  private constructor(waivers: Waivers) {
    this.#waivers = waivers;
  }

  static async read(
    queries: Queries,
    images: readonly CountedImage[],
    waivers: Waivers,
  ): Promise<WorstFlaws> {
    const found = new WorstFlaws(waivers);
    const packages = [...new Set(images.flatMap((each) => each.packages))];
    for (let at = 0; at < packages.length; at += packagesAtOnce) {
      const rows = await queries.query<FlawVerdict>(
        `SELECT ${flawColumns} FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
         WHERE verdicts.package = ANY($1::integer[]) AND to_run IS NULL AND status = 'affected' AND hidden IS NULL`,
        [packages.slice(at, at + packagesAtOnce)],
      );
      found.#add(rows);
    }
    return found;
  }

  #add(rows: readonly FlawVerdict[]): void {
    for (const row of rows.toSorted(byUrgency)) {
      const known = this.#flaws.get(row.package) ?? [];
      this.#flaws.set(row.package, known);
      const isSettled = known.length > 0 && !this.#waivers.name(known.at(-1)!.vulnerability);
      if (!isSettled) known.push(row);
    }
  }

  of(image: number, packages: readonly number[]): FlawVerdict | undefined {
    let worst: FlawVerdict | undefined;
    for (const number of packages)
      for (const flaw of this.#flaws.get(number) ?? []) {
        if (worst && byUrgency(worst, flaw) < 0) break;
        if (this.#waivers.ofFlaw(flaw, image).length > 0) continue;
        worst = flaw;
        break;
      }
    return worst;
  }
}
