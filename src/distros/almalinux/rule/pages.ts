import type { ReferencePages } from '../../../model/index.ts';

/** AlmaLinux has no pages of single flaws. Those of errata are below their release, so each advisory has its own address. */
export const almaLinuxPages: ReferencePages = {
  flaws: 'https://www.cve.org/CVERecord?id=',
  advisories: {},
};
