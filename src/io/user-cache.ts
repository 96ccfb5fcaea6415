import { join } from 'node:path';
import type { Environment } from '../model/index.ts';

/** The folder of this user's caches: `$XDG_CACHE_HOME/scapfeed`, `~/.cache` where the variable is not set. */
export function userCache(env: Environment): string {
  const home = env['HOME'] ?? process.getBuiltinModule('node:os').homedir();
  return join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'scapfeed');
}
