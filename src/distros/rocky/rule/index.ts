import type { Judge } from '../../contract.ts';
import { errataMatcher } from '../../shared/rule/errata-matcher.ts';
import { isRedHatKernel } from '../../shared/rule/kernel.ts';
import { rockyPages } from './pages.ts';
import { rocky } from './vendor.ts';

export const rockyJudge: Judge = {
  id: 'rocky',
  databases: ['rpm'],
  rates: true,
  release: (versionId) => versionId.split('.')[0]!,
  pages: rockyPages,
  kernel: isRedHatKernel,
  matcher: (context) => errataMatcher(rocky, context),
};
