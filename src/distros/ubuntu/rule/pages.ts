import type { ReferencePages } from '../../../model/index.ts';

const notices = 'https://ubuntu.com/security/notices/';

export const ubuntuPages: ReferencePages = {
  flaws: 'https://ubuntu.com/security/',
  advisories: { USN: notices, LSN: notices },
};
