import { kindOf } from '../../feed/read/shard-records.ts';
import type { ClaimKind, StoredClaim } from '../../model/feed/index.ts';
import { alpmInstalled } from '../../packaging/alpm/version.ts';
import { dpkgInstalled } from '../../packaging/deb/version.ts';
import type { Bulletin } from '../bulletins.ts';
import type { Judge, MatchContext } from '../contract.ts';
import { type SourceRule, sourceMatcher } from '../shared/match-source.ts';
import { judgePlainRows } from '../shared/plain-rows.ts';
import { type Installed, plainTerm, type Term, thresholdOf } from '../shared/threshold.ts';

/** The one release of a vendor without releases: containers have the date of their build in VERSION_ID. */
export const rolling = 'rolling';

export function bulletinJudge(bulletin: Bulletin): Judge {
  const { id, packaging, subject, rates, pages, kernels } = bulletin;
  return {
    id,
    databases: [packaging],
    ...(subject === 'binary' && { byOwnNames: true }),
    pages,
    ...(rates && { rates }),
    ...(bulletin.rolling && {
      release: () => rolling,
      unversioned: ([platform]) => (platform === undefined ? undefined : { platform, marks: [] }),
    }),
    // Kernels with their headers and documentation are built from one source.
    ...(kernels && { kernel: ({ source }) => kernels.includes(source.name) }),
    matcher: (context) => sourceMatcher(ruleFor(bulletin, context), context.all),
  };
}

function ruleFor({ packaging, subject }: Bulletin, { shard }: MatchContext): SourceRule {
  return {
    ...(packaging === 'alpm'
      ? { installed: alpmInstalled, packager: 'pacman' }
      : { installed: dpkgInstalled, packager: 'dpkg' }),
    ...(subject === 'binary' && { subjectOf: ({ name, version }) => ({ name, version }) }),
    rowsFor: ({ version }) => ({ shard, version, marks: [] }),
    judge: (claims, tables, { installed }, all) =>
      judgePlainRows(claims, tables, installed, all, (kind, claim) => termOf(kind, claim, installed)),
    threshold: (named, _, tables, { installed }) =>
      thresholdOf(named.map((claim) => termOf(kindOf(claim, tables), claim, installed))),
  };
}

/**
 * A flaw without a fix may be stated up to a version only: nobody has looked at newer ones. A fix in another channel is one for a build
 * that has it already.
 */
function termOf(kind: ClaimKind, { range, channelFix, fixed }: StoredClaim, installed: Installed): Term {
  if (channelFix !== undefined)
    return { fixed: channelFix, otherwise: { status: 'affected', fixState: 'other_channel' } };
  if (range !== undefined && isAbove(range, installed))
    return { otherwise: { status: 'under_investigation' } };
  return plainTerm(kind, fixed === undefined ? {} : { fixed });
}

/** Whether the installed version is above a range, which has no other bound. */
function isAbove(range: string, installed: Installed): boolean {
  const [, operator, version = ''] = /^(<=?)(.*)$/.exec(range)!;
  const order = installed(decodeURIComponent(version));
  return operator === '<=' ? order === 1 : order !== -1;
}
