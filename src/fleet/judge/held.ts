import type { FeedPlatform, HeldData, Manifest, RunPull } from '../../model/index.ts';

const heldMark = /^held_back_since_(\d{4}-\d{2}-\d{2})$/;

/** Why a platform's data is the last good one, though a newer one was there; empty: nothing was held back. */
export function heldReasons(
  { inputs, sources }: Pick<Manifest, 'inputs' | 'sources'>,
  { source, marks = [] }: Pick<FeedPlatform, 'source' | 'marks'>,
): string[] {
  const days = marks.flatMap((mark) => heldMark.exec(mark)?.[1] ?? []);
  const failed = sources.find(({ id }) => id === source)?.failed;
  // Marks tell which platforms are made of refused documents; a source has documents of all of its platforms.
  const refused = marks.includes('last_good_input')
    ? inputs.filter((input) => input.source === source && input.refused !== undefined)
    : [];
  return [
    ...days.map((day) => `a gate of the publisher holds newer data back since ${day}`),
    ...(failed === undefined ? [] : [`${source} could not be updated: ${failed}`]),
    ...refused.map(({ id, refused: code }) => `the newest ${id} was refused: ${code}`),
  ];
}

/** What was held back of the feed of a run: as a whole, and of the platforms that are in use. */
export function heldData(
  manifest: Manifest,
  used: ReadonlySet<string>,
  pull: RunPull | undefined,
): HeldData[] {
  const whole =
    pull && 'code' in pull ? [{ platform: null, reasons: [`${pull.code}: ${pull.message}`] }] : [];
  const platforms = manifest.platforms
    .filter(({ id }) => used.has(id))
    .map((platform) => ({ platform: platform.id, reasons: heldReasons(manifest, platform) }));
  return [...whole, ...platforms.filter(({ reasons }) => reasons.length > 0)];
}
