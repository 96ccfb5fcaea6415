import { hasScheme } from '../../image/index.ts';

/**
 * A reference of a fleet as it is opened: paths are kept with their scheme, so one without is an image of a registry, whatever
 * the folder of this process holds.
 */
export function keptReference(text: string): string {
  return hasScheme(text) ? text : `registry:${text}`;
}
