import type { DistroOval } from '../../../oval/forms/distro-oval.ts';
import { rpmForms } from '../../shared/oval/rpm-forms.ts';
import { almaLinuxPages } from '../rule/pages.ts';
import { almaLinuxPlan } from './plan.ts';

export const almaLinuxOval: DistroOval = {
  id: 'almalinux',
  forms: (context) => rpmForms(context, almaLinuxPlan),
  cpe: ({ os: { version } }) => `cpe:/o:almalinux:almalinux:${version}`,
  pages: almaLinuxPages,
};
