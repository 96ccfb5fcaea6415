import { offLink } from '../io/http/off-link.ts';
import type { FleetTools } from './fleet.ts';

/** Reads what may have been named by anybody with a token, and is read each night by a machine that can reach more than they can. */
export function fromRegistries<T>(
  { linkLocal = false }: Pick<FleetTools, 'linkLocal'>,
  read: () => Promise<T>,
): Promise<T> {
  return linkLocal ? read() : offLink(read);
}
