import type { ReferencePages } from '../../../model/index.ts';

export const alpinePages: ReferencePages = {
  flaws: 'https://security.alpinelinux.org/vuln/',
  advisories: {},
};
