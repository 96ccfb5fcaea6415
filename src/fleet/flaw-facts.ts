import { severities } from '../model/feed/index.ts';

/**
 * The counted facts of a flaw in one package, as a number below 64: a fleet has millions of them. From the lowest bit on: a fix
 * is to be installed, it is known to be exploited, the rank of its severity (3 bits), it is open by the default view of a scan.
 */
export const factsColumn = `(CASE WHEN status = 'affected' AND hidden IS NULL THEN 32 ELSE 0 END
  + 4 * coalesce(array_position(ARRAY[${severities.map((severity) => `'${severity}'`).join(', ')}], severity) - 1, 0)
  + CASE WHEN exploited THEN 2 ELSE 0 END + CASE WHEN fix_state = 'available' THEN 1 ELSE 0 END)`;

/** Bits of them, and how many numbers these make. */
export const factsBits = 6;
export const factsCount: number = 1 << factsBits;

/**
 * The facts of a flaw that several packages have, as `countedFlaws` joins them in a scan: the worst severity, and a fix if there is
 * one for any. Packages in which it is not open do not count where it is open in others.
 */
export function joinedFacts(a: number, b: number): number {
  if (isOpen(a) !== isOpen(b)) return isOpen(a) ? a : b;
  return Math.max(a & ~3, b & ~3) | ((a | b) & 3);
}

export function isOpen(facts: number): boolean {
  return (facts & 32) !== 0;
}

/** Its place among the severities. */
export function rankOf(facts: number): number {
  return (facts >> 2) & 7;
}

export function isExploited(facts: number): boolean {
  return (facts & 2) !== 0;
}

export function isFixable(facts: number): boolean {
  return (facts & 1) !== 0;
}
