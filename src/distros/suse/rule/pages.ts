import type { ReferencePages } from '../../../model/index.ts';

export const susePages: ReferencePages = {
  flaws: 'https://www.suse.com/security/cve/',
  advisories: {},
};
