import type { DistroOval } from '../../oval/forms/distro-oval.ts';
import { escapePattern } from '../../oval/forms/dpkg-patterns.ts';
import type { Rebuild } from '../rebuilds.ts';
import { errataPlan } from '../shared/oval/errata-plan.ts';
import { rpmForms } from '../shared/oval/rpm-forms.ts';
import type { RpmOvalPlan } from '../shared/oval/rpm-patterns.ts';
import { pagesOf, vendorOf } from './rule.ts';

export function rebuildOval(rebuild: Rebuild): DistroOval {
  const { os, releasePackage, cpe, oval, csaf, version: joined } = rebuild;
  const plan: RpmOvalPlan = {
    ...errataPlan(vendorOf(rebuild), releasePackage, {
      aboutSources: oval?.flaws !== undefined,
      withoutEpochs: csaf !== undefined,
    }),
    ...(joined && { releaseVersion: joinedVersion }),
  };
  return {
    id: os,
    forms: (context) => rpmForms(context, plan),
    cpe: ({ os: { version } }) => `cpe:/o:${cpe.join(':')}:${version}`,
    pages: pagesOf(rebuild),
  };
}

/** The release package joins the parts of `22.03-LTS-SP3` otherwise: `22.03LTS_SP3`. */
function joinedVersion(release: string): string {
  return `^${release.split('-').map(escapePattern).join('[-_]?')}$`;
}
