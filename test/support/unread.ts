import type { Ledger } from '../../src/model/index.ts';

/** How many statements about each package of a platform could not be read. */
export function unreadCounts(ledger: Ledger, platform: string): [name: string, count: number][] {
  return [...ledger.unreadOf(platform)].map(([name, { count }]) => [name, count]);
}
