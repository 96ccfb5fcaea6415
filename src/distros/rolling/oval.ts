import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import type { RollingVendor } from '../rolling.ts';
import { apkFixedForm } from '../shared/oval/apk-form.ts';
import { rollingPages } from './rule.ts';

/** VERSION_ID may be anything, so that ID alone decides. */
export function rollingOvals({ id: own, also = [], cpe }: RollingVendor): DistroOval[] {
  return [own, ...also].map((id) => ({
    id,
    forms: (context) => [apkFixedForm(context, String.raw`[\w.+~-]*`)],
    cpe: () => `cpe:/o:${cpe.join(':')}`,
    pages: rollingPages,
  }));
}
