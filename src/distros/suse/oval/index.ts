import type { DistroOval } from '../../../oval/forms/distro-oval.ts';
import { rpmForms } from '../../shared/oval/rpm-forms.ts';
import { susePages } from '../rule/pages.ts';
import { type SuseSystem, suseCpe, suseSystems, systemFacts } from '../rule/systems.ts';
import { planOf } from './plan.ts';

export const suseOvals: readonly DistroOval[] = suseSystems.map((system) => ({
  id: system,
  forms: (context) => rpmForms(context, planOf(systemFacts[system])),
  cpe: ({ os: { version = '' } }) => suseCpe(system, version),
  otherCpes: ({ os: { version = '' } }) => guideCpes(system, version),
  pages: susePages,
}));

/** The SCAP Security Guide has one benchmark for all service packs, under the product's earlier name. */
function guideCpes(system: SuseSystem, version: string): string[] {
  const major = Number(version.split('.')[0]);
  return system === 'sles' && major < 16 ? [`cpe:/o:suse:linux_enterprise_server:${major}`] : [];
}
