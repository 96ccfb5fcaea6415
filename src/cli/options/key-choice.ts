import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../model/index.ts';
import { path } from '../../tasks/option.ts';

/** Option of every command that signs with the keys of a publisher. */
export const keyOptions = {
  keys: path('DIR', 'keys and roots (default: XDG_CONFIG_HOME/scapfeed/keys)'),
};

/** The folder that --keys names, or the user's own. */
export function keyFolder(given: string | undefined, env: Environment): string {
  return given ?? join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'scapfeed', 'keys');
}
