import type { FastifyInstance } from 'fastify';
import { undated } from '../../model/data-date.ts';
import { severities } from '../../model/feed/index.ts';
import { type FlawCounts, type ImageState, imageStates, knownCounts } from '../../model/fleet/index.ts';
import type { Queries } from '../store/database.ts';
import { harborScanStates } from '../store/harbor.ts';
import { fleetStatus } from '../store/status.ts';
import type { ViewedName } from '../view/fleet-view.ts';
import type { RouteContext } from './context.ts';

/** A gauge with its values by labels. */
interface Gauge {
  name: string;
  unit?: 'seconds';
  help: string;
  values: readonly { labels?: Readonly<Record<string, string>>; value: number }[];
}

/** `/metrics`, as OpenMetrics text. */
export async function metricsRoutes(app: FastifyInstance, context: RouteContext): Promise<void> {
  app.get('/metrics', { config: { role: 'read' } }, async (_request, reply) =>
    reply
      .type('application/openmetrics-text; version=1.0.0; charset=utf-8')
      .send(openMetrics(await gauges(context))),
  );
}

async function gauges({ database, now, tool, views }: RouteContext): Promise<Gauge[]> {
  const status = await fleetStatus(database, now());
  const at = now().getTime();
  const age = (time: string) => Math.max(0, Math.round((at - Date.parse(time)) / 1000));
  const { run } = status;
  const last = await lastRun(database);
  const names = await (await views.exact()).names();
  const counts = sumOfCounts(names);
  return [
    {
      ...{ name: 'scapfeed_build_info', help: 'The version that serves.' },
      values: [{ labels: { version: tool.replace(/^scapfeed /, '') }, value: 1 }],
    },
    {
      ...{ name: 'scapfeed_feed_age_seconds', unit: 'seconds', help: 'Age of the feed of the newest run.' },
      values:
        run && Date.parse(run.feed.created) > Date.parse(undated) ? [{ value: age(run.feed.created) }] : [],
    },
    {
      ...{ name: 'scapfeed_feed_platform_age_seconds', unit: 'seconds' },
      help: 'Age of the newest data of a platform in it.',
      // Data without a date has no age.
      values: (run?.feed.platforms ?? []).flatMap(({ id, updated }) =>
        updated === undated ? [] : { labels: { platform: id }, value: age(updated) },
      ),
    },
    {
      ...{ name: 'scapfeed_feed_platform_statements', help: 'Statements about a platform in it.' },
      values: (run?.feed.platforms ?? []).map(({ id, statements }) => ({
        labels: { platform: id },
        value: statements,
      })),
    },
    {
      name: 'scapfeed_feed_platform_held',
      help: '1: newer data of a platform was held back, and its last good data judges.',
      values: (run?.feed.platforms ?? []).flatMap(({ id, held }) =>
        held === undefined ? [] : { labels: { platform: id }, value: held.length > 0 ? 1 : 0 },
      ),
    },
    {
      name: 'scapfeed_feed_pull_failed',
      help: '1: the pull of the last run brought no feed, and the last good one judges.',
      values: run?.summary?.pull ? [{ value: 'code' in run.summary.pull ? 1 : 0 }] : [],
    },
    {
      ...{ name: 'scapfeed_feed_source_age_seconds', unit: 'seconds' },
      help: 'Age of the newest document of a source in it.',
      values: (run?.feed.sources ?? []).flatMap(({ id, updated }) =>
        updated === undefined ? [] : { labels: { source: id }, value: age(updated) },
      ),
    },
    {
      ...{ name: 'scapfeed_feed_source_failed', help: '1: the source could not be updated.' },
      values: (run?.feed.sources ?? []).map(({ id, failed }) => ({
        labels: { source: id },
        value: failed === undefined ? 0 : 1,
      })),
    },
    {
      ...{ name: 'scapfeed_fleet_images', help: 'Names of the fleet by what is known of their images.' },
      values: Object.entries(nameStates(names)).map(([state, value]) => ({
        labels: { state },
        value,
      })),
    },
    {
      name: 'scapfeed_fleet_unlisted_registries',
      help: 'Registries whose tags the last run could not list as a whole: their images may be missing.',
      values: last ? [{ value: last.unlisted }] : [],
    },
    {
      name: 'scapfeed_fleet_flaws',
      help: 'Open flaws that nobody waived by severity, each in each image that has it.',
      values: counts
        ? severities.map((severity) => ({ labels: { severity }, value: counts.flaws[severity] }))
        : [],
    },
    {
      name: 'scapfeed_fleet_exploited_flaws',
      help: 'Those of them that are known to be exploited.',
      values: counts ? [{ value: counts.exploited }] : [],
    },
    {
      name: 'scapfeed_fleet_fixable_flaws',
      help: 'Those of them that have a fix.',
      values: counts ? [{ value: counts.fixable }] : [],
    },
    {
      name: 'scapfeed_fleet_waived_flaws',
      help: 'Flaws that somebody accepted; they are in none of the others.',
      values: counts ? [{ value: counts.waived }] : [],
    },
    {
      name: 'scapfeed_fleet_uncovered_packages',
      help: 'Installed packages that are not judged, in each image.',
      values: counts ? [{ value: counts.uncovered }] : [],
    },
    {
      ...{ name: 'scapfeed_fleet_queue_jobs', help: 'Jobs by kind and state.' },
      values: Object.entries(status.queue).flatMap(([kind, states]) =>
        Object.entries(states).map(([state, value]) => ({ labels: { kind, state }, value })),
      ),
    },
    {
      ...{ name: 'scapfeed_harbor_scans', help: 'Scans for Harbor of the last hour by state.' },
      values: Object.entries(await harborScanStates(database)).map(([state, value]) => ({
        labels: { state },
        value,
      })),
    },
    {
      name: 'scapfeed_fleet_unsent_news',
      help: 'Messages with news that a receiver has not taken, by whether they are tried again.',
      values: Object.entries(await unsentNews(database)).map(([state, value]) => ({
        labels: { state },
        value,
      })),
    },
    {
      ...{ name: 'scapfeed_fleet_last_run_duration_seconds', unit: 'seconds' },
      help: 'How long the last run took that was finished.',
      values: last ? [{ value: (last.finished.getTime() - last.started.getTime()) / 1000 }] : [],
    },
    {
      ...{ name: 'scapfeed_fleet_last_run_age_seconds', unit: 'seconds', help: 'How long ago that began.' },
      values: last ? [{ value: age(last.started.toISOString()) }] : [],
    },
  ];
}

interface LastRun {
  started: Date;
  finished: Date;
  unlisted: number;
}

async function lastRun(queries: Queries): Promise<LastRun | undefined> {
  const [run] = await queries.query<LastRun>(
    `SELECT started, finished, coalesce(jsonb_array_length(summary->'unlisted'), 0)::integer AS unlisted FROM fleet.runs WHERE state = 'finished' ORDER BY id DESC LIMIT 1`,
  );
  return run;
}

/** Over all watched images; undefined: none of them was judged, and no number stands for that. */
function sumOfCounts(names: readonly ViewedName[]): FlawCounts | undefined {
  const flaws = Object.fromEntries(severities.map((word) => [word, 0])) as FlawCounts['flaws'];
  const sums: FlawCounts = { flaws, exploited: 0, fixable: 0, uncovered: 0, judged: 0, waived: 0 };
  const seen = new Set<number>();
  let isKnown = false;
  for (const name of names) {
    const { image, counts } = name;
    if (image === null || counts === null || seen.has(image)) continue;
    seen.add(image);
    sums.uncovered += counts.uncovered;
    const known = knownCounts(name);
    if (!known) continue;
    isKnown = true;
    for (const word of severities) flaws[word] += known.flaws[word];
    for (const word of ['exploited', 'fixable', 'waived'] as const) sums[word] += known[word];
  }
  return isKnown ? sums : undefined;
}

async function unsentNews(queries: Queries): Promise<Record<string, number>> {
  const [row] = await queries.query<Record<string, number>>(
    `SELECT count(*) FILTER (WHERE state = 'waiting')::integer AS waiting,
       count(*) FILTER (WHERE state = 'failed')::integer AS given_up FROM fleet.deliveries WHERE state <> 'sent'`,
  );
  return row!;
}

/** None of the others counts as clean. */
function nameStates(names: readonly ViewedName[]): Record<ImageState, number> {
  const states = Object.fromEntries(imageStates.map((state) => [state, 0])) as Record<ImageState, number>;
  for (const { state } of names) states[state] += 1;
  return states;
}

function openMetrics(all: readonly Gauge[]): string {
  const lines = all.flatMap(({ name, unit, help, values }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    ...values.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}`),
  ]);
  return [...lines, '# EOF', ''].join('\n');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escapedLabel(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escapedLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
