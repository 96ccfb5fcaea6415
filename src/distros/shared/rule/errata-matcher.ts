import type { MatchContext, Matcher } from '../../contract.ts';
import { RpmRecords } from './context.ts';
import { rpmRule } from './explained.ts';
import { rpmMatcher } from './match.ts';
import type { RpmVendor } from './origin.ts';

/**
 * Judges by errata of a rebuild of RHEL: they are about binary packages, modules and architectures; each minor release replaces
 * the one before, so there is one stream.
 */
export function errataMatcher(vendor: RpmVendor, { shard, inventory, all, mapped }: MatchContext): Matcher {
  const { packages, enabledModules = [] } = inventory;
  const context = {
    vendor,
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
