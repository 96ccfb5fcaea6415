import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import type { DpkgRule } from '../../oval/forms/dpkg-rule.ts';
import { inStatus, inStatusDirectory, sourceForms } from '../../oval/forms/dpkg-source-form.ts';
import { dpkginfoForms } from '../../oval/forms/dpkginfo-form.ts';
import type { FormContext, OvalForm } from '../../oval/forms/form.ts';
import type { Bulletin } from '../bulletins.ts';
import { noteDpkgCauses, waysOf } from '../shared/oval/dpkg-ways.ts';
import { plainThreshold } from '../shared/threshold.ts';

export function bulletinOval({ id, cpe, pages }: Bulletin): DistroOval {
  return {
    id,
    forms,
    cpe: ({ os: { version } }) => `cpe:/o:${cpe.join(':')}:${version}`,
    pages,
  };
}

const rule: DpkgRule = {
  ways(_, { claims }) {
    const threshold = plainThreshold(claims.map((claim) => ({ kind: claim, claim })));
    return waysOf(threshold, ({ row }) => row.claim);
  },
};

/** The exact forms read source versions from dpkg's own files; dpkginfo sees only binaries. */
function forms(context: FormContext): OvalForm[] {
  const made = [
    ...sourceForms(context, rule, inStatus),
    ...sourceForms(context, rule, inStatusDirectory),
    ...dpkginfoForms(context, rule),
  ];
  noteDpkgCauses(
    context.inexact,
    made.map(({ suffix }) => suffix),
  );
  return made;
}
