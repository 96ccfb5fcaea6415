import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { recoverDirectory } from '../io/staging.ts';
import { type FeedPlatform, ScapfeedError } from '../model/index.ts';
import { type Feed, openFeed } from '../scan/index.ts';
import { type OptionValues, usage } from './command.ts';

const day = 86_400_000;

/** Options of every command that reads a feed. */
export const feedOptions = {
  feed: { type: 'string' },
  'max-age': { type: 'string' },
} as const;

export const feedHelp = `  --feed DIR         the feed (default: SCAPFEED_FEED, ./out, then what pull brought)
  --max-age AGE      refuse vendor data older than this: 36h, 7d (default 7d), 0 for any age
`;

/** Opens the feed that the options and the environment name. */
export function openChosenFeed(
  values: OptionValues,
  env: Readonly<Record<string, string | undefined>>,
): Feed {
  const directory = (values['feed'] as string | undefined) ?? (env['SCAPFEED_FEED'] || defaultFeed(env));
  // A build that was killed between its two renames left the feed under its other name.
  if (!existsSync(join(directory, 'manifest.json'))) recoverDirectory(directory);
  // A pulled feed is a link that the next pull turns elsewhere: what is opened here is read to its end.
  return openFeed(existsSync(directory) ? realpathSync(directory) : directory);
}

/** Where pull puts the feed unless told otherwise. */
export function pulledFeed(env: Readonly<Record<string, string | undefined>>): string {
  return join(env['XDG_DATA_HOME'] || join(home(), '.local', 'share'), 'scapfeed', 'feed');
}

/** Most runs need no home, and loading this module of Node is as much of a scan as reading the offsets of a shard. */
function home(): string {
  return process.getBuiltinModule('node:os').homedir();
}

/** What was built here comes before what was pulled. */
function defaultFeed(env: Readonly<Record<string, string | undefined>>): string {
  if (!existsSync('out')) recoverDirectory('out');
  if (existsSync('out')) return 'out';
  const pulled = pulledFeed(env);
  return existsSync(pulled) ? pulled : 'out';
}

/** How old the vendor data of a platform is; throws FEED_STALE above --max-age. */
export function checkAge(platform: FeedPlatform, values: OptionValues, now: Date): number {
  const age = now.getTime() - Date.parse(platform.updated);
  const allowed = parseAge((values['max-age'] as string | undefined) ?? '7d');
  const ageDays = Math.max(0, Math.floor(age / day));
  if (allowed !== undefined && age > allowed) {
    throw new ScapfeedError({
      code: 'FEED_STALE',
      message: `the vendor data of ${platform.id} is of ${platform.updated}, ${ageDays} days old; allowed are ${allowed / day} days`,
      remedy: 'build the feed again, or accept older data with --max-age (0 for any age)',
    });
  }
  return ageDays;
}

/** `36h`, `7d`, `7` (days) in milliseconds; `0` is no limit. */
function parseAge(text: string): number | undefined {
  const match = /^(\d+)([hd]?)$/.exec(text);
  if (!match)
    throw usage({ name: 'scan' }, `--max-age ${text} is no age`, 'write it as 36h or 7d, or 0 for any age');
  const value = Number(match[1]) * (match[2] === 'h' ? day / 24 : day);
  return value === 0 ? undefined : value;
}
