import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../model/environment.ts';
import { ScapfeedError } from '../model/error.ts';

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
 * stranger's checkout that would turn gates off. The user's own counts only if no other user could have written it.
 * @throws {ScapfeedError} CONFIG_INVALID
 */
export function configPlace({ config, none }: ConfigChoice, env: Environment): ConfigPlace | undefined {
  if (none) return undefined;
  if (config !== undefined) return { file: config, isNamed: true };
  const file = usualConfig(env);
  const stats = found(file);
  if (!stats) return undefined;
  const own = process.getuid?.();
  if (own === undefined) return { file, isNamed: false };
  const real = realpathSync(file);
  for (const [stat, where] of [[stats, file] as const, [statSync(dirname(real)), dirname(real)] as const]) {
    if (isOnlyOf(own, stat)) continue;
    throw invalid(
      'others than this user can write the configuration',
      where,
      'change its owner or rights (chmod go-w), say that you trust it with --config, or leave it out with --no-config',
    );
  }
  return { file, isNamed: false };
}

/** True if only a user and root can write a file, or replace one in a folder. */
function isOnlyOf(own: number, { uid, gid, mode }: Stats): boolean {
  // Systems with umask 002 give every user a group of their own.
  const others = gid === uid ? 0o002 : 0o022;
  return (uid === own || uid === 0) && (mode & others) === 0;
}

/** A home that this user may not look into has no file of this user. A link that leads nowhere has lost its gates. */
function found(file: string): Stats | undefined {
  let link: Stats | undefined;
  try {
    link = lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
  if (link === undefined) return undefined;
  try {
    return statSync(file);
  } catch (cause) {
    throw invalid(
      `the configuration cannot be read: ${(cause as Error).message}`,
      file,
      'correct the link, or leave the file out with --no-config',
      cause,
    );
  }
}

function invalid(message: string, where: string, remedy: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'CONFIG_INVALID',
    message,
    where,
    remedy,
    ...(cause === undefined ? {} : { cause }),
  });
}
