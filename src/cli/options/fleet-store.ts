import { join } from 'node:path';
import type { Environment } from '../../model/index.ts';
import { dataFolder } from './feed-choice.ts';

/** An address with a password is better given by the environment, which other users cannot read. */
export function fleetPlace(option: string | undefined, env: Environment): string {
  return option ?? join(dataFolder(env), 'fleet');
}
