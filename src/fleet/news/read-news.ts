import { isoSeconds } from '../../model/data-date.ts';
import { type Severity, severities } from '../../model/feed/index.ts';
import {
  isAboutData,
  type NewsDocument,
  type NewsItem,
  newsCauses,
  newsKinds,
  type OwnersSeen,
  type RunNews,
} from '../../model/fleet/index.ts';
import { pushTo } from '../../model/order.ts';
import type { Queries } from '../store/database.ts';
import { type Owned, ownedBy } from '../store/owners.ts';

/** The news to read: of the last run, of runs from a number on, or since a time. */
export type NewsSince = { run: number } | { time: Date } | undefined;

/**
 * The news of finished runs. Items are in the order in which a person should read them. `seen`: only those about images of these
 * owners, and about data, which is everybody's.
 */
export async function readNews(queries: Queries, since: NewsSince, seen: OwnersSeen): Promise<NewsDocument> {
  const runs = await queries.query<RunRow>(
    `SELECT runs.id, finished, digest, created, summary->>'names' = '0' AS empty FROM fleet.runs JOIN fleet.feeds ON feeds.id = feed
     WHERE state = 'finished' AND ${sinceCondition(since)} ORDER BY runs.id`,
    since === undefined ? [] : 'run' in since ? [since.run] : [since.time],
  );
  const news: RunNews[] = [];
  const names = await ImageNames.read(queries);
  const owned = await ownedBy(queries, seen);
  for (const { id, finished, digest, created, empty } of runs) {
    const all = await runItems(queries, id, names);
    const items = owned ? all.flatMap((item) => itemOwned(item, owned)) : all;
    news.push({
      ...{ run: id, date: isoSeconds(finished), feed: { digest, created: isoSeconds(created) } },
      ...(empty && { isEmpty: true }),
      items,
    });
  }
  return { format: 'scapfeed/fleet-news/1', runs: news };
}

interface RunRow {
  id: number;
  finished: Date;
  digest: string;
  created: Date;
  empty: boolean;
}

function sinceCondition(since: NewsSince): string {
  if (since === undefined) return `runs.id = (SELECT max(id) FROM fleet.runs WHERE state = 'finished')`;
  return 'run' in since ? 'runs.id >= $1' : 'finished >= $1';
}

/** The current names of images: all names that stand for them, or their digest. */
class ImageNames {
  /** In order. */
  readonly #names: string[] = [];
  /** By image, the places of its names. */
  readonly #places = new Map<number, number[]>();

  static async read(queries: Queries): Promise<ImageNames> {
    const rows = await queries.query<{ id: number; name: string }>(
      `SELECT images.id, coalesce(reference, digest) AS name FROM fleet.images
       LEFT JOIN fleet.name_images ON name_images.image = images.id AND until IS NULL
       LEFT JOIN fleet.names ON names.id = name_images.name ORDER BY coalesce(reference, digest) COLLATE "C"`,
    );
    const found = new ImageNames();
    for (const { id, name } of rows) {
      pushTo(found.#places, id, found.#names.length);
      found.#names.push(name);
    }
    return found;
  }

  /** In order; an image that is no longer kept has none. */
  of(images: readonly number[]): string[] {
    const places = images.flatMap((image) => this.#places.get(image) ?? []);
    return places.sort((a, b) => a - b).map((place) => this.#names[place]!);
  }
}

/** The part of an item that owners see; none: it is about other images. */
function itemOwned(item: NewsItem, { references }: Owned): NewsItem[] {
  if (isAboutData(item.kind)) return [item];
  const images = item.images.filter((name) => references.has(name));
  return images.length === 0 ? [] : [{ ...item, images }];
}

type EventRow = { [Key in keyof Omit<NewsItem, 'images' | 'waived'>]-?: NewsItem[Key] | null } & {
  images: number[];
  reference: string | null;
  waiver: number | null;
  reason: string | null;
};

async function runItems(queries: Queries, run: number, names: ImageNames): Promise<NewsItem[]> {
  const rows = await queries.query<EventRow>(
    `SELECT kind, cause, events.vulnerability, events.package, platform, severity, exploited, before, after, detail, waiver, reason,
       reference, events.images
     FROM fleet.events LEFT JOIN fleet.waivers ON waivers.id = waiver LEFT JOIN fleet.names ON names.id = name WHERE run = $1`,
    [run],
  );
  return rows.map((row) => itemOf(row, names)).sort(byUrgency);
}

function itemOf(
  { kind, cause, exploited, images, reference, waiver, reason, ...words }: EventRow,
  names: ImageNames,
): NewsItem {
  const known = Object.entries(words).filter(([, value]) => value !== null);
  return {
    ...{ kind: kind!, cause: cause!, exploited: exploited === true },
    ...Object.fromEntries(known),
    ...(waiver !== null && { waived: { waiver, reason: reason! } }),
    // An event about one name refers to it by that name.
    images: reference === null ? names.of(images) : [reference],
  };
}

function byUrgency(a: NewsItem, b: NewsItem): number {
  return (
    newsKinds.indexOf(a.kind) - newsKinds.indexOf(b.kind) ||
    newsCauses.indexOf(a.cause) - newsCauses.indexOf(b.cause) ||
    Number(a.waived !== undefined) - Number(b.waived !== undefined) ||
    Number(b.exploited) - Number(a.exploited) ||
    rank(b.severity) - rank(a.severity) ||
    compareTexts(a.vulnerability, b.vulnerability) ||
    compareTexts(a.package, b.package) ||
    compareTexts(a.platform, b.platform) ||
    compareTexts(a.images[0], b.images[0]) ||
    compareTexts(a.before, b.before) ||
    compareTexts(a.after, b.after)
  );
}

function rank(severity: Severity | undefined): number {
  return severity === undefined ? -1 : severities.indexOf(severity);
}

function compareTexts(a = '', b = ''): number {
  return a < b ? -1 : Number(a > b);
}
