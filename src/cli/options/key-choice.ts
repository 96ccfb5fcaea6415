import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../model/index.ts';

/** The folder that --keys names, or the user's own. */
export function keyFolder(given: string | undefined, env: Environment): string {
  return given ?? join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'scapfeed', 'keys');
}
