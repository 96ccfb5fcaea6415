import type { DistroOval } from '../../../oval/forms/distro-oval.ts';
import { rpmForms } from '../../shared/oval/rpm-forms.ts';
import { redHatPages } from '../rule/pages.ts';
import { redHatPlan } from './plan.ts';

export const redHatOval: DistroOval = {
  id: 'rhel',
  without: {
    'redhat-layered': 'layered products are chosen by CPEs, which no test of packages sees',
  },
  forms: (context) => rpmForms(context, redHatPlan),
  cpe: ({ os: { version } }) =>
    version === undefined ? undefined : `cpe:/o:redhat:enterprise_linux:${version}`,
  pages: redHatPages,
};
