import type { DistroOval } from '../../../oval/forms/distro-oval.ts';
import { redHatPages } from '../rule/pages.ts';
import { redHatForms } from './forms.ts';

export const redHatOval: DistroOval = {
  id: 'rhel',
  without: {
    'redhat-layered': 'layered products are chosen by CPEs, which no test of packages sees',
  },
  forms: redHatForms,
  cpe: ({ os: { version } }) =>
    version === undefined ? undefined : `cpe:/o:redhat:enterprise_linux:${version}`,
  pages: redHatPages,
};
