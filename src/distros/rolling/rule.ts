import type { ReferencePages } from '../../model/feed/index.ts';
import type { Judge } from '../contract.ts';
import type { RollingVendor } from '../rolling.ts';
import { apkRule } from '../shared/apk-rule.ts';
import { sourceMatcher } from '../shared/match-source.ts';
import { packageMatcher } from './rule-packages.ts';

/** The one release of a vendor without releases: VERSION_ID is the version of a package. */
export const rolling = 'rolling';

/** These vendors have no pages of single flaws by CVE. */
export const rollingPages: ReferencePages = {
  flaws: 'https://www.cve.org/CVERecord?id=',
  advisories: {},
};

/** One for each ID that images of the vendor have. */
export function rollingJudges({ id, also = [], records }: RollingVendor): Judge[] {
  return [id, ...also].map((each) => rollingJudge(each, records?.byPackage === true));
}

function rollingJudge(id: string, byPackage: boolean): Judge {
  return {
    id,
    databases: ['apk'],
    release: () => rolling,
    unversioned: ([platform]) => platform && { platform, marks: [] },
    pages: rollingPages,
    matcher: ({ shard, all }) =>
      byPackage ? packageMatcher(shard, all) : sourceMatcher(apkRule(shard), all),
  };
}
