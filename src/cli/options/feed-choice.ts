import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Environment } from '../../model/environment.ts';
import { ScapfeedError } from '../../model/error.ts';
import { type FeedOrigin, isFeedAddress } from '../../model/verdict/index.ts';
import { keptPlaces } from '../../publish/pull/kept-places.ts';
import { type ChosenFeed, cameByPull, isOwn, openFeedAt } from '../../tasks/feed.ts';
import { usage } from '../../tasks/given-words.ts';
import type { registryOptions } from '../../tasks/image/options.ts';
import type { OptionValues } from '../../tasks/option.ts';
import type { Terminal } from '../terminal.ts';
import { registryAccess } from './registry-access.ts';

export type { ChosenFeed } from '../../tasks/feed.ts';

/**
 * Opens the feed that --feed or the environment names, in a folder. In place of an address, the feed that was pulled from it is opened.
 * @throws {ScapfeedError} USAGE for an address that nothing was pulled from
 */
export function openChosenFeed(option: string | undefined, env: Environment): ChosenFeed {
  const { place, chosen } = chooseFolder(option, env);
  if (isFeedAddress(place)) throw needsFolder(place);
  return openFeedAt(place, chosen, () => {
    if (chosen === 'working_directory') requireOwnFeed(place);
  });
}

/** Options by which a feed is found, in a folder or at an address. */
type AnyFeedOptions = OptionValues<typeof registryOptions> & {
  feed?: string | undefined;
  'trust-root'?: string | undefined;
};

/** Does the same as {@link openChosenFeed}, and reads a published feed at its address. */
export async function openAnyFeed(
  command: string,
  given: AnyFeedOptions,
  { env, progress }: Pick<Terminal, 'env' | 'progress'>,
): Promise<ChosenFeed> {
  const { place, chosen } = chooseFeed(given.feed, env);
  const root = given['trust-root'];
  if (isFeedAddress(place)) {
    const { openPublishedFeed } = await import('./published-feed.ts');
    const access = registryAccess(given, env);
    return openPublishedFeed(place, { chosen, root, data: dataFolder(env), access, env, progress });
  }
  if (root === undefined) return openChosenFeed(given.feed, env);
  throw usage(
    command,
    '--trust-root is for a published feed',
    'give its address with --feed URL, or leave it out',
  );
}

function isSameAddress(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => text.replace(/\/+$/, ''));
  return one === other;
}

function needsFolder(place: string): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message: 'this command reads a feed in a folder, not at an address',
    where: place,
    remedy: `get it with \`scapfeed pull --from ${place}\`; this command then reads what was pulled`,
  });
}

/**
 * The folder of a feed whose keys and roots are believed: one that the user names, or one that a pull brought.
 * @throws {ScapfeedError} TRUST_ROOT_MISSING
 */
export function signedFeedFolder(option: string | undefined, env: Environment): string {
  const { place, chosen } = chooseFolder(option, env);
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

/** The same with the pulled feed in place of the address that it came from. */
function chooseFolder(option: string | undefined, env: Environment): FeedChoice {
  const choice = chooseFeed(option, env);
  const isPulled = () => keptPlaces(pulledFeed(env))?.some((from) => isSameAddress(from, choice.place));
  return isFeedAddress(choice.place) && isPulled() ? { place: pulledFeed(env), chosen: 'pulled' } : choice;
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

function requireOwnFeed(place: string): void {
  const where = resolve(place);
  if (!existsSync(join(place, 'manifest.json'))) throw noFeed(where);
  if ([place, join(place, 'manifest.json')].every(isOwn)) return;
  throw new ScapfeedError({
    code: 'FEED_MISSING',
    message: 'no feed was pulled or named, and the one in the working directory belongs to another user',
    where,
    remedy: 'pull a feed, or confirm that you trust this one with --feed out',
  });
}

function noFeed(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_MISSING',
    message: 'no feed is known: none was named or pulled, and none was built here',
    where,
    remedy:
      'use a published one: `scapfeed config set feed https://HOST/PATH`; or build one, which becomes ./out: `scapfeed build`',
  });
}
