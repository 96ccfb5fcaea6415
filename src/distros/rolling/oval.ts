import { fixesOnly } from '../../model/feed/index.ts';
import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import type { FormContext } from '../../oval/forms/form.ts';
import type { RollingVendor } from '../rolling.ts';
import { apkFixedForm, apkUnfixedForm } from '../shared/oval/apk-form.ts';
import { rollingPages } from './rule.ts';

/** VERSION_ID may be anything, so that ID alone decides. */
const anyVersion = String.raw`[\w.+~-]*`;

export function rollingOvals({ id: own, also = [], cpe, records }: RollingVendor): DistroOval[] {
  return [own, ...also].map((id) => ({
    id,
    forms: (context) => {
      const byPackage = records?.byPackage === true && !context.index.marks.includes(fixesOnly);
      return byPackage ? packageForms(context) : [apkFixedForm(context, anyVersion)];
    },
    cpe: () => `cpe:/o:${cpe.join(':')}`,
    pages: rollingPages,
  }));
}

function packageForms(context: FormContext) {
  context.inexact.general(
    'own_statement',
    "A package with a statement of its own about a flaw is judged by its origin's besides.",
    ['oval', 'unfixed.oval'],
  );
  return [apkFixedForm(context, anyVersion), apkUnfixedForm(context, anyVersion)];
}
