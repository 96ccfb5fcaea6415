import type { DistroOval } from '../../../oval/forms/distro-oval.ts';
import { rpmForms } from '../../shared/oval/rpm-forms.ts';
import { susePages } from '../rule/pages.ts';
import { type SuseSystem, suseSystems, systemFacts } from '../rule/systems.ts';
import { planOf } from './plan.ts';

const cpeOf: Readonly<Record<SuseSystem, (version: string) => string>> = {
  sles: (version) => {
    const [major, minor] = version.split('.');
    if (minor === undefined) return `cpe:/o:suse:sles:${major}`;
    return Number(major) < 16
      ? `cpe:/o:suse:sles:${major}:sp${minor}`
      : `cpe:/o:suse:sles:${major}:${version}`;
  },
  'sle-micro': (version) => `cpe:/o:suse:sle-micro:${version}`,
  'sl-micro': (version) => `cpe:/o:suse:sl-micro:${version}`,
  'opensuse-leap': (version) => `cpe:/o:opensuse:leap:${version}`,
  'opensuse-tumbleweed': () => 'cpe:/o:opensuse:tumbleweed',
};

export const suseOvals: readonly DistroOval[] = suseSystems.map((system) => ({
  id: system,
  forms: (context) => rpmForms(context, planOf(systemFacts[system])),
  cpe: ({ os: { version = '' } }) => cpeOf[system](version),
  pages: susePages,
}));
