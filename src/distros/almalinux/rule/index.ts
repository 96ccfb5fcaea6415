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

/** AlmaLinux Kitten calls itself `almalinux` 10, and its builds are ahead of those that the errata of 10 speak of. */
const kitten: Matcher = {
  match: (pkg) => ({
    uncovered: {
      package: pkg,
      reason: 'not_covered',
      detail: 'AlmaLinux Kitten: the errata are of the release',
    },
  }),
  rule: () => undefined,
};

/** Errata speak of binary packages, modules and architectures; every minor is followed by the next, so there is one stream. */
function matcher({ shard, inventory, all, mapped }: MatchContext): Matcher {
  const { packages, enabledModules = [], os } = inventory;
  if (/\bKitten\b/.test(os?.prettyName ?? '')) return kitten;
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
