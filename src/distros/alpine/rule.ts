import type { ReferencePages } from '../../model/feed/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import type { Judge, MatchContext } from '../contract.ts';
import { apkRule } from '../shared/apk-rule.ts';
import { foreignBuild } from '../shared/foreign-build.ts';
import { type SourceRule, sourceMatcher } from '../shared/match-source.ts';
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
  matcher: ({ shard, inventory, all }) => {
    const foreign: SourceRule['foreign'] = (pkg) => foreignBuild(pkg, patched);
    return sourceMatcher({ ...apkRule(shard, { marks: branchMarks(inventory) }), foreign }, all);
  },
};

/** With edge next to a release, a package's branch cannot be determined. */
function branchMarks(inventory: MatchContext['inventory']): readonly string[] {
  const branches = repositoriesOf(inventory)?.branches ?? [];
  return branches.length > 1 ? ['mixed_branches'] : [];
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

/** Root.io appends `007` and a digit to Alpine's revision: `1.6.17-r0` is then `1.6.17-r00071`, `643-r1` `643-r10071`. */
const patched = /-r\d+007\d$/;
