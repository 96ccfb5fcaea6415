import type { Judge, MatchContext, Matcher } from '../../contract.ts';
import { RpmRecords } from '../../shared/rule/context.ts';
import { rpmRule } from '../../shared/rule/explained.ts';
import { rpmMatcher } from '../../shared/rule/match.ts';
import { almaLinuxPages } from './pages.ts';
import { almaLinux } from './vendor.ts';

export const almaLinuxJudge: Judge = {
  id: 'almalinux',
  release: (versionId) => versionId.split('.')[0]!,
  pages: almaLinuxPages,
  matcher,
};

/** Errata speak of binary packages, modules and architectures; every minor is followed by the next, so there is one stream. */
function matcher({ shard, inventory, all, mapped }: MatchContext): Matcher {
  const { packages, enabledModules = [] } = inventory;
  const context = {
    vendor: almaLinux,
    shards: [shard],
    major: Number(shard.platform.os.version),
    minor: undefined,
    channels: new Set<string>(),
    pinned: false,
    cpes: [],
    enabledModules,
    mapped,
    all,
    records: new RpmRecords(packages.flatMap(({ name, source }) => [name, source.name])),
    oneStream: true,
  };
  return {
    match: rpmMatcher(context),
    rule: (pkg, vulnerability) => (pkg.type === 'rpm' ? rpmRule(pkg, vulnerability, context) : undefined),
  };
}
