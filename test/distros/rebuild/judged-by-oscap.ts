import { expect } from 'vitest';
import type { OvalPatch } from '../../../src/sources/oval/read-patches.ts';
import { oscapVerdicts } from '../../prove/oscap.ts';
import { scapfeed } from '../../support/cli.ts';

interface Verdict {
  vulnerability: string;
  package: { name: string };
}

/** Number of definitions of a vendor's OVAL that are true by oscap, and of those that the index answers otherwise. */
export interface Judged {
  definitions: number;
  affected: number;
  /** Ids of definitions about which oscap and the index differ. */
  differ: string[];
}

/**
 * Evaluates a vendor's document of patches on a root by oscap and by `scapfeed eval`, which must agree, and scans it with a feed. A
 * definition is true for the index if a package of its rows has its first flaw.
 */
export function judgedByOscap(
  file: string,
  root: string,
  feed: string,
  definitions: readonly OvalPatch[],
): Judged {
  const oscap = oscapVerdicts(file, { root });
  const evaluated = scapfeed(['eval', `dir:${root}`, '--content', file, '--all', '-o', 'json']);
  const { definitions: own } = JSON.parse(evaluated.out) as { definitions: { id: string; result: string }[] };
  expect(new Map(own.map(({ id, result }) => [id, result]))).toEqual(oscap);
  const scanned = scapfeed(['scan', `dir:${root}`, '--feed', feed, '-o', 'json', '--max-age', '0']);
  const { verdicts } = JSON.parse(scanned.out) as { verdicts: Verdict[] };
  const told = new Set(verdicts.map(({ vulnerability, package: { name } }) => `${vulnerability} ${name}`));
  const judged: Judged = { definitions: definitions.length, affected: 0, differ: [] };
  for (const { id, cves, rows } of definitions) {
    const byOval = oscap.get(id) === 'true';
    const byIndex = rows.some(({ name }) => told.has(`${cves[0]} ${name}`));
    if (byIndex) judged.affected += 1;
    if (byOval !== byIndex) judged.differ.push(id);
  }
  return judged;
}
