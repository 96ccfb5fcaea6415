import type { ReferencePages } from '../../model/feed/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import type { Judge } from '../contract.ts';
import { errataMatcher } from '../shared/rule/errata-matcher.ts';
import { isRedHatKernel } from '../shared/rule/line.ts';
import type { RpmVendor } from '../shared/rule/origin.ts';

/** ID in os-release. */
export const osId = 'amzn';

/** Extras and newer kernels have packages of core's names, and nothing in a database says which of them a build is. */
export const amazon: RpmVendor = { id: osId, name: 'Amazon', system: 'Amazon Linux', lines: true };

/** Amazon's page of a flaw covers all its packages and has no stable address by id alone. */
export const amazonPages: ReferencePages = {
  flaws: 'https://www.cve.org/CVERecord?id=',
  advisories: {},
};

export const amazonJudge: Judge = {
  id: osId,
  databases: ['rpm'],
  rates: true,
  release: releaseOf,
  pages: amazonPages,
  kernel: isAmazonKernel,
  matcher: (context) => errataMatcher(amazon, context),
};

/** All releases of the first Amazon Linux update to the last of them; `2023.6.20250107` is 2023. */
function releaseOf(versionId: string): string {
  return /^201[1-8]\.\d\d(?:\.|$)/.test(versionId) ? '2018.03' : versionId.split('.')[0]!;
}

/** As Red Hat's, with the line in the name (`kernel6.12-modules-extra`), and live patches, one package for each kernel. */
function isAmazonKernel(pkg: InstalledPackage): boolean {
  const name = pkg.name.replace(/^kernel\d+\.\d+(?=-|$)/, 'kernel');
  return isRedHatKernel({ ...pkg, name }) || name.startsWith('kernel-livepatch-');
}
