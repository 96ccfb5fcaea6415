import { ScapfeedError } from '../model/error.ts';
import { isAssessmentPart } from './assessment-parts.ts';
import type { BlockCatalog } from './block-list.ts';

/** Maximum lead of a publisher's clock over ours, in milliseconds. */
export const clockTolerance = 86_400_000;

/** A part is of the platform that it is named after, and none is from the future. */
export function requireOwnParts(
  { parts }: BlockCatalog,
  roles: readonly string[],
  now: Date,
  where: string,
): void {
  for (const [part, { platforms, created, content = [] }] of Object.entries(parts)) {
    const ids = platforms.map(({ id }) => id);
    const isOwn = isAssessmentPart(part) ? ids.length === 0 : ids.length === 1 && ids[0] === part;
    const isContentOwn = content.every(
      ({ platforms: [id, another] }) => id === part && another === undefined,
    );
    if (!isOwn || !isContentOwn || !roles.includes(part)) {
      throw new ScapfeedError({
        code: 'TRUST_FOREIGN_CONTENT',
        message: `expected the platform ${part}, the catalog has ${ids.join(', ') || 'none'}`,
        where,
        remedy: 'report it to the publisher',
      });
    }
    if (Date.parse(created) > now.getTime() + clockTolerance) {
      throw new ScapfeedError({
        code: 'TRUST_FROM_FUTURE',
        message: `the feed's data is of ${created}, which is in the future`,
        where,
        remedy: "set this machine's clock; if it is right, report it to the publisher",
      });
    }
  }
}
