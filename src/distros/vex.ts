import { judges } from './judges.ts';

/**
 * Whether a statement with such ids only informs about a verdict of a platform: the vendor's own advisories have decided it, and its VEX
 * says why. One of somebody else lifts it as anywhere.
 */
export function onlyInforms(platform: string, ids: readonly string[]): boolean {
  const prefix = judges.find(({ id }) => platform.startsWith(`${id}-`))?.vexInforms;
  return prefix !== undefined && ids.some((id) => id.startsWith(prefix));
}
