import type { Environment } from '../model/index.ts';

/** The user's program for text that is longer than the screen; undefined: none. */
function pagerOf(env: Environment): string | undefined {
  if (env['NO_PAGER']) return undefined;
  const command = (env['SCAPFEED_PAGER'] ?? env['PAGER'] ?? 'less').trim();
  return command === '' || command === 'cat' ? undefined : command;
}

/** Exit codes of a shell that cannot start a command. */
const notStarted = [126, 127];

/**
 * Shows a text in the user's pager and waits until it ends; false if there is none. A pager that the user leaves early, or that
 * fails, counts as shown.
 */
export function showByPager(text: string, env: Environment): boolean {
  const pager = pagerOf(env);
  if (pager === undefined) return false;
  // Loaded by the few runs that need it: a scan's start is too short for it.
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  // Ctrl-C is for the pager, which stays.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const { status, error } = spawnSync('/bin/sh', ['-c', pager], {
    input: text,
    stdio: ['pipe', 'inherit', 'inherit'],
    // As git does: colours pass, a text that fits on the screen ends the pager, and the text stays there after it.
    env: { ...env, LESS: env['LESS'] ?? 'FRX', LV: env['LV'] ?? '-c' },
  });
  process.off('SIGINT', ignore);
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined || code === 'EPIPE' ? !notStarted.includes(status ?? 0) : false;
}
