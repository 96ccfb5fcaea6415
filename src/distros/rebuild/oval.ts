import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import type { Rebuild } from '../rebuilds.ts';
import { errataPlan } from '../shared/oval/errata-plan.ts';
import { rpmForms } from '../shared/oval/rpm-forms.ts';
import { pagesOf, vendorOf } from './rule.ts';

export function rebuildOval(rebuild: Rebuild): DistroOval {
  const { os, releasePackage, cpe, oval } = rebuild;
  const plan = errataPlan(vendorOf(rebuild), releasePackage, oval?.flaws !== undefined);
  return {
    id: os,
    forms: (context) => rpmForms(context, plan),
    cpe: ({ os: { version } }) => `cpe:/o:${cpe.join(':')}:${version}`,
    pages: pagesOf(rebuild),
  };
}
