import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, ScapfeedError } from '../model/index.ts';

/** A file of options and whether it was named. */
export interface ConfigPlace {
  file: string;
  isNamed: boolean;
}

interface ConfigChoice {
  config: string | undefined;
  /** `--no-config`. */
  none: boolean;
}

/** Where the user's configuration is, whether or not there is one. */
export function usualConfig(env: Environment): string {
  const home = () => env['HOME'] || process.getBuiltinModule('node:os').homedir();
  return join(env['XDG_CONFIG_HOME'] || join(home(), '.config'), 'scapfeed', 'config.yaml');
}

/**
 * The file of options that a run reads: the named one, or the user's own. Never one in the working directory, which may be a
 * stranger's checkout that would turn gates off. The user's own counts only if nobody else could have written it.
 * @throws {ScapfeedError} CONFIG_INVALID
 */
export function configPlace({ config, none }: ConfigChoice, env: Environment): ConfigPlace | undefined {
  if (none) return undefined;
  if (config !== undefined) return { file: config, isNamed: true };
  const file = usualConfig(env);
  const stat = found(file);
  if (!stat) return undefined;
  const own = process.getuid?.();
  // Systems with umask 002 give every user a group of their own.
  const others = stat.gid === stat.uid ? 0o002 : 0o022;
  if (own === undefined || ((stat.uid === own || stat.uid === 0) && (stat.mode & others) === 0))
    return { file, isNamed: false };
  throw new ScapfeedError({
    code: 'CONFIG_INVALID',
    message: 'others than this user can write the configuration',
    where: file,
    remedy: `change its owner or rights (chmod go-w), say that you trust it with --config, or leave it out with --no-config`,
  });
}

/** A home that this user may not look into has no file of this user. */
function found(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
