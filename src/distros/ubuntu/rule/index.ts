import type { Judge, MatchContext } from '../../contract.ts';
import { type DebRule, debMatcher } from '../../shared/match-deb.ts';
import { ubuntuPro } from '../image/pro.ts';
import { ubuntuForeignOrigin } from './build.ts';
import { judgeClaims, proServices } from './channels.ts';

export const ubuntuJudge: Judge = {
  id: 'ubuntu',
  options: [
    {
      name: 'pro',
      type: 'flag',
      help: 'whether fixes of Ubuntu Pro can be installed (default: as the image says)',
    },
  ],
  matcher: (context) => ({ match: debMatcher(ruleFor(context), context.all) }),
};

function ruleFor({ shard, inventory, settings }: MatchContext): DebRule {
  const services = proServices(ubuntuPro(inventory), inventory, settings['pro'] as boolean | undefined);
  return {
    rowsFor({ version }) {
      const foreign = ubuntuForeignOrigin(version);
      if (foreign !== undefined) return { reason: 'other_origin', detail: `version carries ${foreign}` };
      return { shard, version, marks: [] };
    },
    judge: (claims, tables, build, all) => judgeClaims(claims, tables, build, services, all),
  };
}
