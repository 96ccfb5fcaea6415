import { kindOf } from '../../feed/read/shard-records.ts';
import type { InstalledPackage, ReferencePages } from '../../model/index.ts';
import { apkInstalled } from '../../packaging/apk/version.ts';
import type { Judge, MatchContext } from '../contract.ts';
import { type SourceRule, sourceMatcher } from '../shared/match-source.ts';
import { judgePlainRows } from '../shared/plain-rows.ts';
import { plainThreshold } from '../shared/threshold.ts';
import { repositoriesOf } from './image.ts';

export const alpinePages: ReferencePages = {
  flaws: 'https://security.alpinelinux.org/vuln/',
  advisories: {},
};

export const alpineJudge: Judge = {
  id: 'alpine',
  databases: ['apk'],
  release: alpineRelease,
  pages: alpinePages,
  kernel: isAlpineKernel,
  matcher: (context) => sourceMatcher(ruleFor(context), context.all),
};

/** Every package is built from one source of the same version, and every row is about one release. */
function ruleFor({ shard, inventory }: MatchContext): SourceRule {
  const branches = repositoriesOf(inventory)?.branches ?? [];
  // With edge next to a release, a package's branch cannot be determined.
  const marks = branches.length > 1 ? ['mixed_branches'] : [];
  return {
    installed: apkInstalled,
    packager: 'apk',
    rowsFor: ({ version }) => ({ shard, version, marks }),
    judge: (claims, tables, { installed }, all) => judgePlainRows(claims, tables, installed, all),
    threshold: (named, _, tables) =>
      plainThreshold(named.map((claim) => ({ kind: kindOf(claim, tables), claim }))),
  };
}

/** `3.20.2` -> `3.20`; a snapshot of the next release (`3.22.0_alpha20250108`, `3.19_alpha20230901`) is edge. */
function alpineRelease(versionId: string): string {
  if (versionId.includes('_alpha')) return 'edge';
  return versionId.split('.').slice(0, 2).join('.');
}

/** The sources of kernels in the repositories of all branches. */
const sources = new Set([
  ...['linux-lts', 'linux-edge', 'linux-stable', 'linux-mainline', 'linux-rpi', 'linux-rpi2', 'linux-rpi4'],
  ...['linux-virt', 'linux-vanilla', 'linux-hardened', 'linux-grsec', 'linux-virtgrsec', 'linux-openpax'],
  ...['linux-asahi', 'linux-elm', 'linux-gru'],
]);

function isAlpineKernel({ source }: InstalledPackage): boolean {
  return sources.has(source.name);
}
