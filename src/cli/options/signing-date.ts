import { homedir } from 'node:os';
import { join } from 'node:path';
import { isoSeconds } from '../../model/data-date.ts';
import type { Environment } from '../../model/environment.ts';
import type { dateOptions } from '../../tasks/keys/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import { outputDate } from '../source-date.ts';

/** The time that signatures are made as of. */
export function signingDate({ date }: OptionValues<typeof dateOptions>, env: Environment): Date {
  return date ?? outputDate(env);
}

/** The date that lies a time span after another, in whole seconds as TUF metadata wants them. */
export function expiryDate(from: Date, span: number): string {
  return isoSeconds(new Date(from.getTime() + span));
}

/** The folder that --keys names, or the user's own. */
export function keyFolder(given: string | undefined, env: Environment): string {
  return given ?? join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'scapfeed', 'keys');
}
