import { oldDataText } from '../../model/data-date.ts';
import type { FleetRunSummary, RunPull } from '../../model/fleet/index.ts';
import { line } from '../printable.ts';
import { plural } from '../text-table.ts';

/** Summary of a run in a few lines. */
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
    partly,
    open,
    bases,
    stale,
    held,
    unlisted,
    unsigned,
    refused,
    waived,
    attached = 0,
  } = summary;
  return [
    ...(pull ? [pullLine(pull)] : []),
    line(`judged by the feed ${feed.slice(0, 19)}`),
    line(
      `${plural(names, 'name')} looked up, ${plural(read, 'image')} read for the first time, ${unread} not readable`,
    ),
    line(`${judged} of ${plural(packages, 'package')} judged; the others keep their verdicts`),
    ...uncoveredLines(uncoveredSystems),
    ...partlyLines(partly),
    ...openLines(open),
    ...(bases
      ? [line(`base image known of ${plural(bases.known, 'image')}, unknown of ${bases.unknown}`)]
      : []),
    ...(unsigned + refused > 0
      ? [line(`${plural(unsigned, 'image')} without a signature, ${refused} not signed as required`)]
      : []),
    ...(waived > 0
      ? [
          line(
            `${plural(waived, 'piece of news is', 'pieces of news are')} about what is waived, and does not count`,
          ),
        ]
      : []),
    ...(attached > 0 ? [line(attachedText(attached))] : []),
    ...unlistedLines(unlisted),
    ...heldLines(held),
    ...stale.map(({ platform, ageDays }) => line(`${platform}: ${oldDataText(ageDays)}`)),
  ].join('');
}

export function uncoveredLines(systems: number): string[] {
  if (systems === 0) return [];
  return [
    line(
      `${plural(systems, 'system')} without a platform in the feed: nothing is known of ${systems === 1 ? 'its' : 'their'} images`,
    ),
  ];
}

export function partlyLines(partly = 0): string[] {
  if (partly === 0) return [];
  return [
    line(`${plural(partly, 'image')} judged only in part: see the column STATE of scapfeed fleet list`),
  ];
}

/** Images for which the command ends with 4, though they are judged. */
export function openLines(open: FleetRunSummary['open']): string[] {
  if (!open || open.always === 0) return [];
  return [
    line(
      `${plural(open.always, 'image')} past ${open.always === 1 ? 'its' : 'their'} end of life, whose distribution the feed lacks, or of which not all could be read: see the column STATE`,
    ),
  ];
}

/** Data that a pull did not bring has a line of its own. */
export function heldLines(held: FleetRunSummary['held'] = []): string[] {
  return held.flatMap(({ platform, reasons }) =>
    platform === null ? [] : line(`${platform} is judged by its last good data: ${reasons.join('; ')}`),
  );
}

/** Tags that a registry lists and that are no images. */
export function attachedText(tags: number): string {
  return `${plural(tags, 'tag')} of signatures, attestations or SBOMs passed over`;
}

export function unlistedLines(unlisted: FleetRunSummary['unlisted']): string[] {
  return unlisted.map(({ place, reason }) => line(`${place} is not listed as a whole: ${reason}`));
}

export function pullLine(pull: RunPull): string {
  if ('from' in pull) return line(`the feed is from ${pull.from}`);
  return line(`the last good feed judges, because no new one came: ${pull.code}: ${pull.message}`);
}
