import type { DistroOval } from '../../../oval/forms/distro-oval.ts';
import { errataPlan } from '../../shared/oval/errata-plan.ts';
import { rpmForms } from '../../shared/oval/rpm-forms.ts';
import { rockyPages } from '../rule/pages.ts';
import { rocky } from '../rule/vendor.ts';

export const rockyOval: DistroOval = {
  id: 'rocky',
  forms: (context) => rpmForms(context, errataPlan(rocky, 'rocky-release')),
  cpe: ({ os: { version } }) => `cpe:/o:rocky:rocky:${version}`,
  pages: rockyPages,
};
