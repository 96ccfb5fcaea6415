import { dataDay, daysOld, undated } from '../../../model/data-date.ts';
import { markWords } from '../../../report/mark-words.ts';
import { plural } from '../../../report/text-table.ts';
import type { KeptPlatform, KeptSource } from '../../store/runs.ts';
import type { FleetView } from '../../view/fleet-view.ts';
import { html } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import { facts, notice, shortDigest } from '../parts.ts';
import { type Column, table } from '../table.ts';
import { ageWords, minute } from '../words.ts';

export interface FleetFeed {
  digest: string;
  created: Date;
  signed: boolean;
  sources: KeptSource[];
  platforms: KeptPlatform[];
  run: number;
}

/** The feed of the last finished run. */
function lastFeed(view: FleetView): Promise<FleetFeed | undefined> {
  return view.kept('feed', async () => {
    const [feed] = await view.queries.query<FleetFeed>(
      `SELECT digest, created, signed, sources, platforms, runs.id AS run FROM fleet.runs JOIN fleet.feeds ON feeds.id = feed
       WHERE state = 'finished' ORDER BY runs.id DESC LIMIT 1`,
    );
    return feed;
  });
}

/** A platform with the images that are judged by it. */
export interface UsedPlatform extends KeptPlatform {
  images: number;
  isStale: boolean;
  ageDays: number | null;
}

export async function usedPlatforms(view: FleetView, now: Date): Promise<UsedPlatform[]> {
  const feed = await lastFeed(view);
  const stale = new Set((await view.lastRun())?.summary.stale.map(({ platform }) => platform));
  const images = await imagesByPlatform(view);
  return (feed?.platforms ?? []).map((platform) => ({
    ...platform,
    images: images.get(platform.id) ?? 0,
    isStale: stale.has(platform.id),
    ageDays: knownAge(platform.updated, now),
  }));
}

/** In days; null: without a date, or dated ahead of this machine's clock. */
function knownAge(updated: string, now: Date): number | null {
  const days = daysOld(updated, now);
  return updated === undated || days < 0 ? null : days;
}

/** Number of images that each platform judges. */
function imagesByPlatform(view: FleetView): Promise<ReadonlyMap<string, number>> {
  return view.kept('images by platform', async () => {
    const counts = new Map<string, number>();
    for (const [name] of (await view.namesOfImages()).values()) {
      if (!name || name.platform === null) continue;
      counts.set(name.platform, (counts.get(name.platform) ?? 0) + 1);
    }
    return counts;
  });
}

/** The page of the feed: platforms and sources with their ages. */
export async function feedPage({ view, now }: ViewRequest): Promise<Page> {
  const feed = await lastFeed(view);
  const platforms = await usedPlatforms(view, now);
  const failed = feed?.sources.filter((source) => source.failed !== undefined) ?? [];
  const stale = platforms.filter(({ isStale }) => isStale);
  const held = platforms.filter((platform) => (platform.held ?? []).length > 0);
  const lastPull = (await view.lastRun())?.summary.pull;
  return {
    title: 'Feed',
    section: 'feed',
    body: html`<h1>Feed</h1>
${
  feed
    ? facts([
        ['Digest', shortDigest(feed.digest)],
        ['Made', `${minute(feed.created)}, ${ageOf(feed.created, now)}`],
        ['Signature', feed.signed ? 'signed: checked when it was pulled' : 'not signed'],
        ['Judged', `run ${feed.run}, the last one that ended`],
      ])
    : html`<p>No run has ended yet, so that no feed has judged anything.</p>`
}
<br>
${
  stale.length > 0
    ? notice(
        'bad',
        'The data of these platforms was too old in the last run',
        stale.map(({ name, updated }) => `${name}: ${dataDay(updated)}`),
      )
    : ''
}
${
  lastPull && 'code' in lastPull
    ? notice('bad', 'The last pull brought no feed, and the last good one judges', [
        `${lastPull.code}: ${lastPull.message}`,
      ])
    : ''
}
${
  held.length > 0
    ? notice(
        'warn',
        'Newer data of these platforms was held back, and their last good data judges',
        held.map(({ name, held: reasons = [] }) => `${name}: ${reasons.join('; ')}`),
      )
    : ''
}
${
  failed.length > 0
    ? notice(
        'warn',
        'These sources could not be updated when the feed was made: what they say is older',
        failed.map(({ name, failed: code }) => `${name}: ${code}`),
      )
    : ''
}`,
    tables: [
      table<UsedPlatform>({
        name: 'platforms',
        caption: 'Platforms',
        empty: 'The feed has no platform: it judges nothing.',
        columns: [
          nameColumn('platform', 'Platform'),
          {
            key: 'updated',
            title: 'Newest data',
            value: ({ updated }) => updated,
            html: ({ updated }) => dataDay(updated),
            kind: 'word',
          },
          {
            key: 'age_days',
            title: 'Age',
            value: ({ ageDays }) => ageDays,
            html: ({ ageDays }) => (ageDays === null ? 'not known' : plural(ageDays, 'day')),
            kind: 'number',
          },
          {
            key: 'state',
            title: 'State',
            value: stateOf,
            html: (row) =>
              html`<span class="badge ${row.isStale ? 'stale' : 'other'}">${stateOf(row)}</span>`,
          },
          { key: 'statements', title: 'Statements', value: ({ statements }) => statements, kind: 'number' },
          { key: 'images', title: 'Images', value: (row) => row.images, kind: 'number' },
          {
            key: 'held',
            title: 'Held back',
            value: heldWords,
            html: (row) =>
              (row.held ?? []).length > 0
                ? html`<span class="badge stale">held back</span><small>${heldWords(row)}</small>`
                : heldWords(row),
          },
          {
            key: 'marks',
            title: 'Marks',
            value: ({ marks }) => marks.join(', '),
            html: ({ marks }) => marks.map(markWords).join(', '),
          },
        ],
        rows: platforms,
        size: 200,
      }),
      table<KeptSource>({
        name: 'sources',
        caption: 'Sources',
        empty: 'The feed names no source.',
        columns: [
          nameColumn('source', 'Source'),
          {
            key: 'updated',
            title: 'Newest document',
            value: ({ updated }) => updated ?? null,
            html: ({ updated }) => (updated === undefined ? 'no date' : updated.slice(0, 10)),
            kind: 'word',
          },
          { key: 'records', title: 'Records', value: ({ records }) => records, kind: 'number' },
          {
            key: 'state',
            title: 'State',
            value: ({ failed: code }) => (code === undefined ? 'updated' : code),
            html: ({ failed: code }) =>
              code === undefined ? 'updated' : html`<span class="badge stale">not updated: ${code}</span>`,
          },
        ],
        rows: feed?.sources ?? [],
        size: 200,
      }),
    ],
  };
}

function nameColumn(key: string, title: string): Column<{ id: string; name: string }> {
  return {
    ...{ key, title, kind: 'name' },
    value: ({ id }) => id,
    html: ({ id, name }) => html`${name}<small><code>${id}</code></small>`,
  };
}

function ageOf(date: Date, now: Date): string {
  const age = ageWords(date, now);
  return age === 'today' ? age : `${age} ago`;
}

function heldWords({ held }: UsedPlatform): string {
  if (held === undefined) return 'not known';
  return held.length === 0 ? 'no' : held.join('; ');
}

function stateOf({ isStale, images }: UsedPlatform): string {
  if (isStale) return 'too old';
  return images > 0 ? 'in use' : 'not used';
}
