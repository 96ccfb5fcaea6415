import type { Judge, Matcher } from '../../contract.ts';
import { errataMatcher } from '../../shared/rule/errata-matcher.ts';
import { isRedHatKernel } from '../../shared/rule/kernel.ts';
import { almaLinuxPages } from './pages.ts';
import { almaLinux } from './vendor.ts';

/** AlmaLinux Kitten calls itself `almalinux` 10, and its builds are newer than those in the errata of 10. */
const kitten: Matcher = {
  match: (pkg) => ({
    uncovered: {
      package: pkg,
      reason: 'not_covered',
      detail: 'AlmaLinux Kitten: the errata are of the release',
    },
  }),
  rule: () => undefined,
};

export const almaLinuxJudge: Judge = {
  id: 'almalinux',
  databases: ['rpm'],
  rates: true,
  release: (versionId) => versionId.split('.')[0]!,
  pages: almaLinuxPages,
  kernel: isRedHatKernel,
  matcher: (context) =>
    /\bKitten\b/.test(context.inventory.os?.prettyName ?? '') ? kitten : errataMatcher(almaLinux, context),
};
