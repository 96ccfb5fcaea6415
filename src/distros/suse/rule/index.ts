import type { Judge, MatchContext, Matcher } from '../../contract.ts';
import { RpmRecords } from '../../shared/rule/context.ts';
import { rpmRule } from '../../shared/rule/explained.ts';
import { rpmMatcher } from '../../shared/rule/match.ts';
import { suseContext } from '../image/products.ts';
import { isSuseKernel } from './kernel.ts';
import { susePages } from './pages.ts';
import { isRolling, rolling, type SuseSystem, suseSystems, systemFacts } from './systems.ts';

/** One for each system, because SUSE's documents are about several. */
export const suseJudges: readonly Judge[] = suseSystems.map((system) => ({
  id: system,
  databases: ['rpm'],
  rates: true,
  ...(isRolling(system) ? { release: () => rolling } : {}),
  purl: systemFacts[system].purl,
  pages: susePages,
  kernel: isSuseKernel,
  publishesCvss: true,
  ...(system === 'sles'
    ? {
        options: [
          {
            name: 'ltss',
            type: 'flag',
            help: 'SLES has LTSS (default: by /etc/products.d)',
          },
        ],
      }
    : {}),
  matcher: (context) => matcher(system, context),
}));

/** A service pack is a platform of its own, so its rows are of one stream and of the channels that are bought besides. */
function matcher(system: SuseSystem, { shard, inventory, all, mapped, settings }: MatchContext): Matcher {
  const { packages } = inventory;
  const channels = new Set<string>(suseContext(inventory).channels);
  const ltss = settings['ltss'];
  if (ltss === true) channels.add('ltss');
  if (ltss === false) channels.delete('ltss');
  const context = {
    vendor: systemFacts[system].vendor,
    shards: [shard],
    major: 0,
    minor: undefined,
    channels,
    pinned: false,
    cpes: [],
    enabledModules: [],
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
