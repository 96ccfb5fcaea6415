import type { NewsDocument, NewsItem, RunNews, Severity } from '../../model/index.ts';
import { newsCauses, newsKinds, severities } from '../../model/index.ts';
import type { Queries } from '../store/database.ts';
import { isoSeconds } from './iso-seconds.ts';

/** Which news: of the last run, of runs from a number on, or since a time. */
export type NewsSince = { run: number } | { time: Date } | undefined;

/** The news of finished runs. Items are in the order in which a person should read them. */
export async function readNews(queries: Queries, since: NewsSince): Promise<NewsDocument> {
  const runs = await queries.query<RunRow>(
    `SELECT runs.id, finished, digest, created FROM fleet.runs JOIN fleet.feeds ON feeds.id = feed
     WHERE state = 'finished' AND ${sinceCondition(since)} ORDER BY runs.id`,
    since === undefined ? [] : 'run' in since ? [since.run] : [since.time],
  );
  const news: RunNews[] = [];
  for (const { id, finished, digest, created } of runs) {
    const items = await runItems(queries, id);
    news.push({ run: id, date: isoSeconds(finished), feed: { digest, created: isoSeconds(created) }, items });
  }
  return { format: 'scapfeed/fleet-news/1', runs: news };
}

interface RunRow {
  id: number;
  finished: Date;
  digest: string;
  created: Date;
}

function sinceCondition(since: NewsSince): string {
  if (since === undefined) return `runs.id = (SELECT max(id) FROM fleet.runs WHERE state = 'finished')`;
  return 'run' in since ? 'runs.id >= $1' : 'finished >= $1';
}

type EventRow = { [Key in keyof Omit<NewsItem, 'images' | 'waived'>]-?: NewsItem[Key] | null } & {
  images: string[];
  waiver: number | null;
  reason: string | null;
};

async function runItems(queries: Queries, run: number): Promise<NewsItem[]> {
  const rows = await queries.query<EventRow>(
    `SELECT kind, cause, events.vulnerability, events.package, platform, severity, exploited, before, after, detail, waiver, reason,
       CASE WHEN name IS NOT NULL THEN ARRAY[(SELECT reference FROM fleet.names WHERE names.id = name)]
         ELSE ARRAY(SELECT coalesce(reference, digest) FROM unnest(events.images) AS image JOIN fleet.images ON images.id = image
           LEFT JOIN fleet.name_images ON name_images.image = images.id AND until IS NULL
           LEFT JOIN fleet.names ON names.id = name_images.name ORDER BY coalesce(reference, digest) COLLATE "C") END AS images
     FROM fleet.events LEFT JOIN fleet.waivers ON waivers.id = waiver WHERE run = $1`,
    [run],
  );
  return rows.map(itemOf).sort(byUrgency);
}

function itemOf({ kind, cause, exploited, images, waiver, reason, ...words }: EventRow): NewsItem {
  const known = Object.entries(words).filter(([, value]) => value !== null);
  return {
    ...{ kind: kind!, cause: cause!, exploited: exploited === true },
    ...Object.fromEntries(known),
    ...(waiver !== null && { waived: { waiver, reason: reason! } }),
    images,
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
    compareTexts(a.images[0], b.images[0])
  );
}

function rank(severity: Severity | undefined): number {
  return severity === undefined ? -1 : severities.indexOf(severity);
}

function compareTexts(a = '', b = ''): number {
  return a < b ? -1 : Number(a > b);
}
