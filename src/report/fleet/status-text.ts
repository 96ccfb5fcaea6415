import { oldDataText } from '../../model/data-date.ts';
import type { FleetStatus, UnsentNews } from '../../model/fleet/index.ts';
import { line } from '../printable.ts';
import { plural } from '../text-table.ts';
import { heldLines, openLines, partlyLines, pullLine, uncoveredLines, unlistedLines } from './run-text.ts';

/** The state of a fleet in a few lines. */
export function statusText(status: FleetStatus): string {
  const { database, names, images, packages, unread, run, queue, waived, waivers, unsent } = status;
  const jobs = Object.entries(queue).filter(
    ([, { waiting, active, failed }]) => waiting + active + failed > 0,
  );
  return [
    line(database),
    line(
      `${plural(names, 'name')}, ${plural(images, 'image')} kept with ${plural(packages, 'package')}; ${unread} not readable`,
    ),
    ...(names === 0 ? [line('the fleet is empty: add images with `scapfeed fleet add`')] : []),
    ...(waivers.used + waivers.unused + waivers.expired > 0
      ? [
          line(
            `${plural(waived, 'flaw')} waived; waivers: ${waivers.used} used, ${waivers.unused} unused, ${waivers.expired} expired`,
          ),
        ]
      : []),
    ...(run ? runLines(run) : [line('there was no run yet: scapfeed fleet run')]),
    ...unsent.map(unsentLine),
    ...jobs.map(([kind, { waiting, active, failed }]) =>
      line(`jobs ${kind}: ${waiting} waiting, ${active} taken, ${failed} given up`),
    ),
  ].join('');
}

function unsentLine({ run, kind, place, attempts, error, isOver }: UnsentNews): string {
  const why = error === null ? '' : `: ${error}`;
  const then = isOver ? 'given up' : 'tried again later';
  return line(
    `news of run ${run} not sent to the ${kind} ${place} after ${plural(attempts, 'try', 'tries')}, ${then}${why}`,
  );
}

function runLines({
  number,
  state,
  started,
  finished,
  summary,
  feed,
}: NonNullable<FleetStatus['run']>): string[] {
  const failed = feed.sources.filter((source) => source.failed !== undefined);
  return [
    line(
      state === 'finished'
        ? `run ${number} ended at ${finished}, with ${plural(summary?.events ?? 0, 'piece of news', 'pieces of news')}`
        : `run ${number}, begun at ${started}, ${state === 'open' ? 'is at work' : 'was interrupted: the next run does what it left'}`,
    ),
    line(
      `feed ${feed.digest.slice(0, 19)} of ${feed.created}, ${feed.signed ? 'signed' : 'not signed'}, ${plural(feed.platforms.length, 'platform')}`,
    ),
    ...(summary?.pull ? [pullLine(summary.pull)] : []),
    ...uncoveredLines(summary?.uncoveredSystems ?? 0),
    ...partlyLines(summary?.partly),
    ...openLines(summary?.open),
    ...unlistedLines(summary?.unlisted ?? []),
    ...failed.map(({ name, failed: code }) => line(`${name} could not be updated: ${code}`)),
    ...heldLines(summary?.held),
    ...(summary?.stale ?? []).map(({ platform, ageDays }) => line(`${platform}: ${oldDataText(ageDays)}`)),
  ];
}
