import type { FleetRunSummary, RunPull } from '../../model/index.ts';
import { line } from '../printable.ts';
import { plural } from '../text-table.ts';

/** What a run did, in a few lines. */
export function runText(summary: FleetRunSummary): string {
  const {
    feed,
    pull,
    names,
    unread,
    read,
    judged,
    packages,
    uncoveredSystems,
    stale,
    unlisted,
    unsigned,
    refused,
    waived,
  } = summary;
  return [
    ...(pull ? [pullLine(pull)] : []),
    line(`judged by the feed ${feed.slice(0, 19)}`),
    line(
      `${plural(names, 'name')} looked up, ${plural(read, 'image')} read for the first time, ${unread} not readable`,
    ),
    line(`${judged} of ${plural(packages, 'package')} judged; the others keep their verdicts`),
    ...uncoveredLines(uncoveredSystems),
    ...(unsigned + refused > 0
      ? [line(`${plural(unsigned, 'image')} without a signature, ${refused} not signed as asked`)]
      : []),
    ...(waived > 0
      ? [
          line(
            `${plural(waived, 'piece of news is', 'pieces of news are')} about what is waived, and does not count`,
          ),
        ]
      : []),
    ...unlistedLines(unlisted),
    ...stale.map(({ platform, ageDays }) => line(`${platform}: its newest data is ${ageDays} days old`)),
  ].join('');
}

export function uncoveredLines(systems: number): string[] {
  if (systems === 0) return [];
  return [
    line(`${plural(systems, 'system')} without a platform in the feed: nothing is known of their images`),
  ];
}

export function unlistedLines(unlisted: FleetRunSummary['unlisted']): string[] {
  return unlisted.map(({ place, reason }) => line(`${place} is not listed as a whole: ${reason}`));
}

export function pullLine(pull: RunPull): string {
  if ('from' in pull) return line(`the feed is from ${pull.from}`);
  return line(`the last good feed judges, because no new one came: ${pull.code}: ${pull.message}`);
}
