import type { Platform } from '../../model/feed/index.ts';
import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import type { DpkgRule } from '../../oval/forms/dpkg-rule.ts';
import { inStatus, inStatusDirectory, sourceForms } from '../../oval/forms/dpkg-source-form.ts';
import { dpkginfoForms } from '../../oval/forms/dpkginfo-form.ts';
import type { FormContext, OvalForm } from '../../oval/forms/form.ts';
import { noteDpkgCauses, waysOf } from '../shared/oval/dpkg-ways.ts';
import { plainThreshold } from '../shared/threshold.ts';
import { debianPages } from './rule.ts';

export const debianOval: DistroOval = {
  id: 'debian',
  forms,
  cpe: ({ os: { version } }: Platform) =>
    version === undefined ? 'cpe:/o:debian:debian_linux' : `cpe:/o:debian:debian_linux:${version}`,
  pages: debianPages,
};

const rule: DpkgRule = {
  ways(_, { claims }) {
    const threshold = plainThreshold(claims.map((claim) => ({ kind: claim, claim })));
    return waysOf(threshold, ({ row }) => row.claim);
  },
};

/**
 * Debian's statements are about source packages, so the exact forms read source versions from dpkg's own files. dpkginfo
 * sees only binaries; its form is for evaluators without PCRE's branch reset.
 */
function forms(context: FormContext): OvalForm[] {
  const { index, inexact } = context;
  const made = [
    ...sourceForms(context, rule, inStatus),
    ...sourceForms(context, rule, inStatusDirectory),
    ...dpkginfoForms(context, rule),
  ];
  const suffixes = made.map(({ suffix }) => suffix);
  noteDpkgCauses(inexact, suffixes);
  if (index.platform.os.version === undefined) {
    const what = 'The files of testing and sid are alike: the definitions of both apply to either.';
    inexact.general('sid_or_testing', what, suffixes);
  }
  return made;
}
