import { type FeedPlatform, heldMark, type Manifest } from '../../model/feed/index.ts';
import type { HeldData, RunPull } from '../../model/fleet/index.ts';

/** Why a platform's data is the last good one, though a newer one was there; empty: nothing was held back. */
export function heldReasons(
  { inputs, sources }: Pick<Manifest, 'inputs' | 'sources'>,
  { source, marks = [], held = [] }: Pick<FeedPlatform, 'source' | 'marks' | 'held'>,
): string[] {
  const days = marks.filter((mark) => mark.startsWith(heldMark)).map((mark) => mark.slice(heldMark.length));
  const failed = sources.find(({ id }) => id === source)?.failed;
  // Marks show which platforms are made of refused documents; a source has documents of all of its platforms.
  const refused = marks.includes('last_good_input')
    ? inputs.filter((input) => input.source === source && input.refused !== undefined)
    : [];
  return [
    ...days.flatMap((day) => gateReasons(day, held)),
    ...(failed === undefined ? [] : [`${source} could not be updated: ${failed}`]),
    ...refused.map(({ id, refused: code }) => `the newest ${id} was refused: ${code}`),
  ];
}

/** Publishers of earlier versions do not name the gate. */
function gateReasons(day: string, held: NonNullable<FeedPlatform['held']>): string[] {
  if (held.length === 0) return [`a gate of the publisher holds newer data back since ${day}`];
  return held.map(
    ({ gate, found }) => `the publisher's gate ${gate} holds newer data back since ${day}: ${found}`,
  );
}

/** The data that was held back in the feed of a run: as a whole, and of the platforms that are in use. */
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
