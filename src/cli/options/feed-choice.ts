import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { HttpOptions } from '../../io/http/http.ts';
import { type Environment, type FeedOrigin, ScapfeedError } from '../../model/index.ts';
import { type ChosenFeed, cameByPull, isOwn, openFeedAt } from '../../tasks/feed.ts';
import { usage } from '../../tasks/given-words.ts';
import type { Terminal } from '../terminal.ts';

export type { ChosenFeed } from '../../tasks/feed.ts';

/** Opens the feed that --feed or the environment names. @throws {ScapfeedError} USAGE for an address */
export function openChosenFeed(option: string | undefined, env: Environment): ChosenFeed {
  const { place, chosen } = chooseFeed(option, env);
  if (isAddress(place)) throw needsFolder(place);
  return openFeedAt(place, chosen, () => {
    if (chosen === 'working_directory') refuseForeign(place);
  });
}

/** Does the same as {@link openChosenFeed}, also for a published feed at `http(s)://HOST/PATH`. */
export async function openAnyFeed(
  given: { feed?: string | undefined; 'trust-root'?: string | undefined },
  http: HttpOptions | undefined,
  { env, progress }: Pick<Terminal, 'env' | 'progress'>,
): Promise<ChosenFeed> {
  const { place, chosen } = chooseFeed(given.feed, env);
  const root = given['trust-root'];
  if (!/^https?:\/\//.test(place)) {
    if (root === undefined) return openChosenFeed(given.feed, env);
    throw usage(
      'scan',
      '--trust-root is for a published feed',
      'give its address with --feed URL, or leave it out',
    );
  }
  const { openPublishedFeed } = await import('./published-feed.ts');
  return openPublishedFeed(place, { chosen, root, data: dataFolder(env), http, env, progress });
}

function isAddress(place: string): boolean {
  return /^(https?|oci):\/\//.test(place);
}

function needsFolder(place: string): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message: 'this command reads a feed in a folder, not over the network',
    where: place,
    remedy: `get it first with \`scapfeed pull --from ${place}\`; scan and explain read http(s) addresses without a pull`,
  });
}

/**
 * The folder of a feed whose keys and roots are believed: one that the user names, or one that a pull brought.
 * @throws {ScapfeedError} TRUST_ROOT_MISSING
 */
export function signedFeedFolder(option: string | undefined, env: Environment): string {
  const { place, chosen } = chooseFeed(option, env);
  const isNamed = chosen === 'option' || chosen === 'environment';
  if (existsSync(place) && (isNamed || cameByPull(place))) return realpathSync(place);
  throw new ScapfeedError({
    code: 'TRUST_ROOT_MISSING',
    message: 'no feed with keys and roots was pulled or named',
    where: resolve(place),
    remedy: 'get one with `scapfeed pull --trust`, or specify it with --feed',
  });
}

interface FeedChoice {
  place: string;
  chosen: FeedOrigin['chosen'];
}

/** A pulled feed comes before the working directory, which may be a stranger's checkout. */
function chooseFeed(option: string | undefined, env: Environment): FeedChoice {
  if (option !== undefined) return { place: option, chosen: 'option' };
  const named = env['SCAPFEED_FEED'];
  if (named) return { place: named, chosen: 'environment' };
  const pulled = pulledFeed(env);
  // Even if it is damaged: another feed in its place would go unnoticed.
  if (lstatSync(pulled, { throwIfNoEntry: false })) return { place: pulled, chosen: 'pulled' };
  return { place: 'out', chosen: 'working_directory' };
}

/** Default place of a pulled feed. */
export function pulledFeed(env: Environment): string {
  return join(dataFolder(env), 'feed');
}

/** Folder of scapfeed's data for this user. */
export function dataFolder(env: Environment): string {
  return join(env['XDG_DATA_HOME'] || join(home(), '.local', 'share'), 'scapfeed');
}

/** Loaded late: most runs need no home, and loading node:os takes as long as reading the offsets of a shard. */
function home(): string {
  return process.getBuiltinModule('node:os').homedir();
}

function refuseForeign(place: string): void {
  // A folder without a manifest, as the demo leaves it, holds no feed of anybody.
  if ([place, join(place, 'manifest.json')].every((path) => !existsSync(path) || isOwn(path))) return;
  throw new ScapfeedError({
    code: 'FEED_MISSING',
    message: 'no feed was pulled or named, and the one in the working directory belongs to another user',
    where: resolve(place),
    remedy: 'pull a feed, or confirm that you trust this one with --feed out',
  });
}
