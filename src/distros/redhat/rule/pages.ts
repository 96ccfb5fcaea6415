import type { ReferencePages } from '../../../model/index.ts';

const errata = 'https://access.redhat.com/errata/';

export const redHatPages: ReferencePages = {
  flaws: 'https://access.redhat.com/security/cve/',
  advisories: { RHSA: errata, RHBA: errata, RHEA: errata },
};
