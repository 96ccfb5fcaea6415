import { kindOf } from '../../feed/read/shard-records.ts';
import type { ReferencePages } from '../../model/index.ts';
import { dpkgInstalled } from '../../packaging/deb/version.ts';
import type { Judge, MatchContext } from '../contract.ts';
import { type SourceRule, sourceMatcher } from '../shared/match-source.ts';
import { judgePlainRows } from '../shared/plain-rows.ts';
import { plainThreshold } from '../shared/threshold.ts';

/** Echo has no pages of single flaws. */
export const echoPages: ReferencePages = { flaws: 'https://www.cve.org/CVERecord?id=', advisories: {} };

export const echoJudge: Judge = {
  id: 'echo',
  databases: ['deb'],
  pages: echoPages,
  matcher: (context) => sourceMatcher(ruleFor(context), context.all),
};

/** Every row is about a source package. */
function ruleFor({ shard }: MatchContext): SourceRule {
  return {
    installed: dpkgInstalled,
    packager: 'dpkg',
    rowsFor: ({ version }) => ({ shard, version, marks: [] }),
    judge: (claims, tables, { installed }, all) => judgePlainRows(claims, tables, installed, all),
    threshold: (named, _, tables) =>
      plainThreshold(named.map((claim) => ({ kind: kindOf(claim, tables), claim }))),
  };
}
