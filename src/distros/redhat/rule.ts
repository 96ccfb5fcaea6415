import type { ReferencePages } from '../../model/index.ts';
import type { Judge, MatchContext, Matcher } from '../contract.ts';
import { rpmRule } from '../shared/rule/explained.ts';
import { isRedHatKernel } from '../shared/rule/line.ts';
import { rpmMatcher } from '../shared/rule/match.ts';
import { redHatContext } from './image.ts';
import { matchContainer } from './rule-container.ts';
import { rhelContext } from './rule-context.ts';
import { layeredPrefix, updateChannels } from './rule-streams.ts';

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
  return {
    match: rpmMatcher(context),
    rule: (pkg, vulnerability) => (pkg.type === 'rpm' ? rpmRule(pkg, vulnerability, context) : undefined),
    products: () =>
      (inventory.products ?? []).map((product) => matchContainer(product, { ...context, repositories })),
  };
}
