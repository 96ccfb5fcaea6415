import { join } from 'node:path';
import type { Environment } from '../../model/index.ts';
import { group, path } from '../../tasks/option.ts';
import { dataFolder } from './feed-choice.ts';

/** Options of every command that works on a fleet. */
export const fleetOptions = group('Fleet', {
  database: path(
    'DIR|URL',
    "the fleet's database: a folder for the embedded PostgreSQL, or postgres://... of a server (default: " +
      'SCAPFEED_DATABASE, then XDG_DATA_HOME/scapfeed/fleet)',
  ),
});

/** An address with a password is better given by the environment, which other users cannot read. */
export function fleetPlace(option: string | undefined, env: Environment): string {
  return option ?? join(dataFolder(env), 'fleet');
}
