import type { ReferencePages } from '../../../model/index.ts';

const errata = 'https://errata.rockylinux.org/';

/** Rocky Linux has no pages of single flaws. */
export const rockyPages: ReferencePages = {
  flaws: 'https://www.cve.org/CVERecord?id=',
  advisories: { RLBA: errata, RLEA: errata, RLSA: errata },
};
