import { type FlawCounts, severities } from '../../model/index.ts';
import type { Queries } from '../store/database.ts';
import { imageGaps } from '../store/list.ts';
import type { Waivers } from '../waivers/acting-waivers.ts';
import type { FleetEvent } from './events.ts';
import { byUrgency, type FlawVerdict, flawColumns } from './flaws.ts';

/** Packages whose flaws are read at once: a first run reads those of the whole fleet. */
const packagesAtOnce = 2000;

interface NewImage {
  name: number;
  image: number;
  /** Another name stood for it in the last run. */
  known: boolean;
  platform: string | null;
  packages: number[];
  counts: FlawCounts | null;
  gaps: readonly { code: string }[];
}

/**
 * Names that are new in the fleet, with the flaws of their images by severity and the worst: the image is the news, and not each of
 * its flaws, which are hundreds. Reads the counts of this run.
 */
export async function newImageEvents(queries: Queries, waivers: Waivers): Promise<FleetEvent[]> {
  const images = await queries.query<NewImage>(
    `SELECT now.name, now.image, EXISTS (SELECT FROM fleet.name_images AS other
         WHERE other.image = now.image AND other.from_run IS NOT NULL AND other.to_run IS NULL) AS known,
       platform, to_json(packages) AS packages, counts, ${imageGaps} AS gaps
     FROM fleet.name_images AS now JOIN fleet.images ON images.id = now.image
     LEFT JOIN fleet.image_counts ON image_counts.image = images.id
     LEFT JOIN fleet.coverage ON coverage.system = images.system AND coverage.to_run IS NULL
     WHERE now.from_run IS NULL AND now.until IS NULL AND NOT EXISTS (SELECT FROM fleet.name_images AS was
       WHERE was.name = now.name AND was.id < now.id AND was.from_run IS NOT NULL) ORDER BY now.id`,
  );
  if (images.length === 0) return [];
  const worst = await WorstFlaws.read(queries, images, waivers);
  return images.map((each) => ({
    ...{ kind: 'added', cause: 'image', name: each.name, images: [each.image] },
    ...(each.known ? { detail: 'another name stands for the same image' } : flawsOf(each, worst)),
  }));
}

function flawsOf(
  { image, platform, packages, counts, gaps }: NewImage,
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

  static async read(queries: Queries, images: readonly NewImage[], waivers: Waivers): Promise<WorstFlaws> {
    const found = new WorstFlaws(waivers);
    const packages = [...new Set(images.flatMap((each) => (each.known ? [] : each.packages)))];
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
