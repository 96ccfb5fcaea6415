import type { Platform } from '../../../model/index.ts';
import type { DistroOval } from '../../../oval/forms/distro-oval.ts';
import { inManifest, inStatus, sourceForms } from '../../../oval/forms/dpkg-source-form.ts';
import { dpkginfoForms } from '../../../oval/forms/dpkginfo-form.ts';
import type { FormContext, OvalForm } from '../../../oval/forms/form.ts';
import { noteDpkgCauses } from '../../shared/oval/dpkg-ways.ts';
import { ubuntuPages } from '../rule/pages.ts';
import { ubuntuOvalRule } from './rule.ts';

export const ubuntuOval: DistroOval = {
  id: 'ubuntu',
  forms,
  cpe: ({ os: { version } }: Platform) =>
    version === undefined ? undefined : `cpe:/o:canonical:ubuntu_linux:${version}`,
  pages: ubuntuPages,
  subjectOf,
};

/** All kernels: one kernel flaw concerns some 70 sources on Ubuntu, each with its own fix. */
export const ubuntuKernels = 'linux-kernels';

/** Sources with names like kernels that are not kernels. */
const noKernel = /^linux-(?:atm|base|firmware|ftpd|igd|minidisc|sgx|show-player|user-chroot|wlan-ng)/;

function subjectOf(name: string): string {
  return /^linux(?:-|$)/.test(name) && !noKernel.test(name) ? ubuntuKernels : name;
}

/** Ubuntu's images are dpkg systems; the channel in a build's version decides which rows apply. */
function forms(context: FormContext): OvalForm[] {
  const { inexact } = context;
  const made = [
    ...sourceForms(context, ubuntuOvalRule, inStatus),
    ...sourceForms(context, ubuntuOvalRule, inManifest),
    ...dpkginfoForms(context, ubuntuOvalRule),
  ];
  const suffixes = made.map(({ suffix }) => suffix);
  noteDpkgCauses(inexact, suffixes);
  inexact.general(
    'pro_attached',
    'On a system attached to Ubuntu Pro the fix of another channel is available: the definition stands in the unfixed file.',
    suffixes,
  );
  inexact.general(
    'fips_or_fips_updates',
    'Versions of fips, fips-updates and fips-preview cannot be told apart: the lowest fix of them decides.',
    suffixes,
  );
  return made;
}
