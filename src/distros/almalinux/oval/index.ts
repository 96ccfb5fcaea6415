import type { DistroOval } from '../../../oval/forms/distro-oval.ts';
import { errataPlan } from '../../shared/oval/errata-plan.ts';
import { rpmForms } from '../../shared/oval/rpm-forms.ts';
import { almaLinuxPages } from '../rule/pages.ts';
import { almaLinux } from '../rule/vendor.ts';

export const almaLinuxOval: DistroOval = {
  id: 'almalinux',
  forms: (context) => rpmForms(context, errataPlan(almaLinux, 'almalinux-release')),
  cpe: ({ os: { version } }) => `cpe:/o:almalinux:almalinux:${version}`,
  pages: almaLinuxPages,
};
