import type { ReferencePages } from '../../model/feed/index.ts';
import type { Judge, Matcher } from '../contract.ts';
import type { Rebuild } from '../rebuilds.ts';
import { kernelNames } from '../shared/kernel.ts';
import { errataMatcher } from '../shared/rule/errata-matcher.ts';
import { isRedHatKernel } from '../shared/rule/line.ts';
import type { RpmVendor } from '../shared/rule/origin.ts';

export function rebuildJudge(rebuild: Rebuild): Judge {
  const { id, os, unlike, releaseParts = 1 } = rebuild;
  const vendor = vendorOf(rebuild);
  const kernel = rebuild.kernel && kernelNames(...rebuild.kernel);
  return {
    id: os,
    ...(os === id ? {} : { purl: id }),
    databases: ['rpm'],
    rates: true,
    release: (versionId) => versionId.split('.').slice(0, releaseParts).join('.'),
    pages: pagesOf(rebuild),
    kernel: kernel === undefined ? isRedHatKernel : ({ name }) => kernel(name),
    matcher: (context) =>
      unlike?.prettyName.test(context.inventory.os?.prettyName ?? '')
        ? notCovered(unlike.detail)
        : errataMatcher(vendor, context),
  };
}

function notCovered(detail: string): Matcher {
  return {
    match: (pkg) => ({ uncovered: { package: pkg, reason: 'not_covered', detail } }),
    rule: () => undefined,
  };
}

export function vendorOf({ os, signer = os, name, vendor, flavours }: Rebuild): RpmVendor {
  return { id: signer, name: vendor, system: name, ...(flavours && { flavours }) };
}

/** Rebuilds have no pages of single flaws. */
export function pagesOf({ page, advisoriesOnPage }: Rebuild): ReferencePages {
  return {
    flaws: 'https://www.cve.org/CVERecord?id=',
    advisories: Object.fromEntries(advisoriesOnPage.map((word) => [word, `${page}/`])),
  };
}
