import type { ReferencePages } from '../../../model/index.ts';

const tracker = 'https://security-tracker.debian.org/tracker/';

export const debianPages: ReferencePages = { flaws: tracker, advisories: { DSA: tracker, DLA: tracker } };
