import type { ReferencePages } from '../../model/feed/index.ts';
import type { InstalledPackage } from '../../model/inventory/index.ts';
import type { Judge, MatchContext, Matcher } from '../contract.ts';
import type { PackageMatch } from '../shared/package-match.ts';
import { oneStreamMatcher } from '../shared/rule/errata-matcher.ts';
import { rpmRule } from '../shared/rule/explained.ts';
import { isRedHatKernel } from '../shared/rule/line.ts';
import { rpmMatcher } from '../shared/rule/match.ts';
import { redHatContext } from './image.ts';
import { matchContainer } from './rule-container.ts';
import { hardened, rhelContext } from './rule-context.ts';
import {
  hardenedProduct,
  hardenedVersion,
  layeredPrefix,
  otherHardened,
  updateChannels,
} from './rule-streams.ts';

const errata = 'https://access.redhat.com/errata/';

export const redHatPages: ReferencePages = {
  flaws: 'https://access.redhat.com/security/cve/',
  advisories: { RHSA: errata, RHBA: errata, RHEA: errata },
};

export const redHatJudge: Judge = {
  id: 'rhel',
  databases: ['rpm'],
  rates: true,
  release: (versionId) => versionId.split('.')[0]!,
  purl: 'redhat',
  pages: redHatPages,
  kernel: isRedHatKernel,
  publishesCvss: true,
  layers: layeredPrefix,
  streams: updateChannels,
  follows: ({ id, versionId, prettyName = '' }) =>
    id === 'centos' && (/\bStream\b/.test(prettyName) || Number.parseInt(versionId ?? '', 10) > 8),
  matcher,
};

/** Red Hat Hardened Images, which are rolling: a VERSION_ID is the day of a snapshot. */
export const hardenedJudge: Judge = {
  id: hardenedProduct,
  databases: ['rpm'],
  rates: true,
  release: () => hardenedVersion,
  purl: 'redhat',
  pages: redHatPages,
  kernel: isRedHatKernel,
  publishesCvss: true,
  unversioned: ([platform]) => platform && { platform, marks: [] },
  matcher: hardenedMatcher,
};

/** Builds of other systems: numbers of RHEL's and Fedora's have no place among these. */
const buildsOfOthers = /\.(?:el|fc)\d+/;

/** Builds for hardened images, on another system. */
const hardenedBuilds = /\.hum\d+/;

function hardenedMatcher(context: MatchContext): Matcher {
  const other = otherHardened(context.inventory.os?.cpe);
  const { match, ...rest } = oneStreamMatcher(hardened, context, { major: Number(hardenedVersion) });
  return {
    match: (pkg) => {
      if (other !== undefined)
        return notCovered(
          pkg,
          `its CPE_NAME is ${other}, and the statements are about ${hardenedProduct} ${hardenedVersion}`,
        );
      if (hardenedBuilds.test(pkg.version)) return match(pkg);
      const mark = buildsOfOthers.exec(pkg.version)?.[0];
      return mark === undefined ? match(pkg) : notCovered(pkg, `a build of another system: ${mark}`);
    },
    ...rest,
  };
}

function notCovered(pkg: InstalledPackage, detail: string): PackageMatch {
  return { uncovered: { package: pkg, reason: 'not_covered', detail } };
}

function matcher({ feed, shard, inventory, all, mapped, stream }: MatchContext): Matcher {
  const isOwn = stream === 'main' || updateChannels.some((channel) => channel === stream);
  const context = rhelContext(
    shard,
    { ...inventory, ...redHatContext(inventory) },
    {
      all,
      mapped,
      ...(stream !== undefined && isOwn ? { stream } : {}),
      repositoryCpes: (id) => feed.row<{ id: string; cpes: string[] }>('redhat-repositories', id)?.cpes,
      layered: (platform) => feed.shard(platform),
    },
  );
  const repositories = (name: string) =>
    feed.row<{ id: string; repositories: string[] }>('redhat-containers', name)?.repositories ?? [];
  const match = rpmMatcher(context);
  return {
    match: (pkg) => {
      const mark = hardenedBuilds.exec(pkg.version)?.[0];
      return mark === undefined ? match(pkg) : notCovered(pkg, `a build for hardened images: ${mark}`);
    },
    rule: (pkg, vulnerability) => (pkg.type === 'rpm' ? rpmRule(pkg, vulnerability, context) : undefined),
    products: () =>
      (inventory.products ?? []).map((product) => matchContainer(product, { ...context, repositories })),
  };
}
