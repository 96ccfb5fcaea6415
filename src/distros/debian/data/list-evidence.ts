import { Ledger, splitEvidence } from '../../../model/index.ts';
import type { AdvisoryFix } from './advisory-index.ts';
import { parseAdvisoryList } from './advisory-list.ts';

/**
 * A row of a list of advisories as evidence: `debian-dsa#DSA-5343-1/openssl/bullseye`. New advisories are written at the top of the
 * list, so that a line's number changes each night. `usual`: the first advisory of the claim, which has a placeholder.
 */
export function rowEvidence({ place, advisory, release }: AdvisoryFix, usual: string | undefined): string {
  return `${splitEvidence(place).input}#${advisory === usual ? '{advisory}' : advisory}/{package}/${release}`;
}

/** The number of the line that such evidence names, from 1; undefined: the list has none. */
export function rowLine(list: string, pointer: string): number | undefined {
  const [id, name, release] = pointer.split('/');
  return parseAdvisoryList(list, '', new Ledger(''))
    .filter((advisory) => advisory.id === id)
    .flatMap(({ rows }) => rows)
    .find((row) => row.package === name && row.release === release)?.line;
}
