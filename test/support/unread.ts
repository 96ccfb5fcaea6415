import type { Ledger } from '../../src/model/feed/index.ts';

/** Number of statements that could not be read, by package of a platform. */
export function unreadCounts(ledger: Ledger, platform: string): [name: string, count: number][] {
  return [...ledger.unreadOf(platform)].map(([name, { count }]) => [name, count]);
}
