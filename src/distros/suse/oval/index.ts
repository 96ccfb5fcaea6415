import type { DistroOval } from '../../../oval/forms/distro-oval.ts';
import { rpmForms } from '../../shared/oval/rpm-forms.ts';
import { susePages } from '../rule/pages.ts';
import { suseCpe, suseSystems, systemFacts } from '../rule/systems.ts';
import { planOf } from './plan.ts';

export const suseOvals: readonly DistroOval[] = suseSystems.map((system) => ({
  id: system,
  forms: (context) => rpmForms(context, planOf(systemFacts[system])),
  cpe: ({ os: { version = '' } }) => suseCpe(system, version),
  pages: susePages,
}));
