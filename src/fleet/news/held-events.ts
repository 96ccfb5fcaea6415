import type { HeldData } from '../../model/fleet/index.ts';
import type { FleetEvent } from './events.ts';

/**
 * One event when newer data is held back, and one when it no longer is. `offered`: the platforms of the feed; a platform that has
 * disappeared is not reported as released.
 */
export function heldEvents(
  before: readonly HeldData[],
  now: readonly HeldData[],
  offered: ReadonlySet<string>,
): FleetEvent[] {
  const [was, is] = [before, now].map((list) => new Set(list.map(({ platform }) => platform))) as [
    Set<string | null>,
    Set<string | null>,
  ];
  const event = (kind: 'feed_held' | 'feed_resumed', { platform, reasons }: HeldData): FleetEvent => ({
    ...{ kind, cause: 'feed', detail: reasons.join('; '), images: [] },
    ...(platform !== null && { platform }),
  });
  return [
    ...now.filter(({ platform }) => !was.has(platform)).map((held) => event('feed_held', held)),
    ...before
      .filter(({ platform }) => !is.has(platform) && (platform === null || offered.has(platform)))
      .map((held) => event('feed_resumed', { ...held, reasons: ['newer data came'] })),
  ];
}
