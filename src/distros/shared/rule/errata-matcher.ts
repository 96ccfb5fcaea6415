import type { MatchContext, Matcher } from '../../contract.ts';
import { type RpmContext, RpmRecords } from './context.ts';
import { rpmRule } from './explained.ts';
import { rpmMatcher } from './match.ts';
import type { RpmVendor } from './origin.ts';

/** Judges by the rows of a vendor that has one stream of updates. */
export function oneStreamMatcher(
  vendor: RpmVendor,
  { shard, inventory: { packages }, all, mapped }: MatchContext,
  own: Partial<Pick<RpmContext, 'major' | 'channels' | 'enabledModules'>> = {},
): Matcher {
  const context = {
    vendor,
    shards: [shard],
    major: 0,
    minor: undefined,
    channels: new Set<string>(),
    pinned: false,
    cpes: [],
    enabledModules: [],
    ...own,
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

/**
 * Judges by errata of a rebuild of RHEL: they are about binary packages, modules and architectures; each minor release replaces
 * the one before, so there is one stream.
 */
export function errataMatcher(vendor: RpmVendor, context: MatchContext): Matcher {
  const { enabledModules = [] } = context.inventory;
  return oneStreamMatcher(vendor, context, {
    major: Number(context.shard.platform.os.version),
    enabledModules,
  });
}
