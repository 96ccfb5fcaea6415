import type { Environment } from '../../model/environment.ts';
import type { ChosenPolicy } from '../../tasks/policy/exceptions.ts';
import { vexRights } from '../../tasks/signed/vex-rights.ts';
import { trustReader } from './trust-reader.ts';

/** A policy with the rights of issuers of VEX. `feed`: the one that `feed:NAME` takes keys from. */
export function withVexRights(
  chosen: ChosenPolicy,
  feed: string | undefined,
  env: Environment,
): ChosenPolicy {
  const rights = vexRights(chosen.policy, trustReader(feed, env));
  return rights ? { ...chosen, rights } : chosen;
}
