import { existsSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { writeAtomically } from '../io/files.ts';
import { systemReason, writeError } from '../io/system-reason.ts';
import { ScapfeedError } from '../model/error.ts';
import { isFeedAddress } from '../model/verdict/index.ts';
import type { OfferedRoot } from '../publish/pull/offered-root.ts';
import { plural } from '../report/text-table.ts';
import { type ChosenFeed, openFeedAt } from '../tasks/feed.ts';
import { usage } from '../tasks/given-words.ts';
import type { registryOptions } from '../tasks/image/options.ts';
import type { OptionValues } from '../tasks/option.ts';
import { askOnTerminal } from './ask.ts';
import { configYaml } from './config-file.ts';
import { dataFolder } from './options/feed-choice.ts';
import { registryAccess } from './options/registry-access.ts';
import type { Terminal } from './terminal.ts';

interface FeedTrust extends OptionValues<typeof registryOptions> {
  'trust-root': string | undefined;
  /** The root that the server offers is trusted without a question. */
  yes: boolean;
}

/**
 * Makes a feed the one that commands read, in the configuration `file`. It is opened before: a published one must be signed under a root
 * that the user trusts.
 */
export async function setFeed(
  place: string,
  given: FeedTrust,
  file: string,
  terminal: Terminal,
): Promise<void> {
  const feed = isFeedAddress(place)
    ? await openPublished(place, given, terminal)
    : openFolder(resolve(place), given);
  feed.close();
  await setInConfig(file, 'feed', feed.origin.directory);
  terminal.out(
    `feed ${feed.origin.directory}, ${plural(feed.manifest.platforms.length, 'platform')}, as set in ${file}\n`,
  );
  if (terminal.env['SCAPFEED_FEED']) terminal.err('SCAPFEED_FEED is set, and comes before the configuration');
}

function openFolder(place: string, { 'trust-root': root, yes }: FeedTrust): ChosenFeed {
  if (root === undefined && !yes) return openFeedAt(place, 'option');
  throw usage('config', '--trust-root and --yes are for a feed at an address', 'leave them out');
}

async function openPublished(place: string, given: FeedTrust, terminal: Terminal): Promise<ChosenFeed> {
  const { openNewFeed } = await import('./options/published-feed.ts');
  const { env, progress } = terminal;
  return openNewFeed(
    place,
    {
      chosen: 'option',
      root: given['trust-root'],
      data: dataFolder(env),
      access: registryAccess(given, env),
      env,
      progress,
    },
    (root) => confirm(root, place, given.yes, terminal),
  );
}

/** @throws {ScapfeedError} TRUST_ROOT_MISSING unless the user trusts the root */
function confirm({ version, sha256 }: OfferedRoot, place: string, yes: boolean, terminal: Terminal): void {
  terminal.out(`${place} offers root ${version}, sha256 ${sha256}\n`);
  if (yes) return;
  const answer = askOnTerminal('Does its publisher state this digest (scapfeed keys list)? [y/N] ');
  if (answer !== undefined && /^y(es)?$/i.test(answer.trim())) return;
  throw new ScapfeedError({
    code: 'TRUST_ROOT_MISSING',
    message:
      answer === undefined
        ? 'nobody can be asked here whether this root is trusted'
        : 'this root is not trusted',
    where: place,
    remedy:
      "compare its digest with the publisher's and add --yes, or give the publisher's root with --trust-root FILE",
  });
}

/** Sets an option of all commands in a file of options, which keeps its comments and its rights. A new one is this user's alone. */
async function setInConfig(file: string, option: string, value: string): Promise<void> {
  const { document } = configYaml(file);
  document.set(option, value);
  // A link to a file that is kept elsewhere stays one.
  const place = existsSync(file) ? realpathSync(file) : file;
  const mode = existsSync(place) ? statSync(place).mode & 0o777 : 0o600;
  try {
    await writeAtomically(place, document.toString({ lineWidth: 0 }), mode);
  } catch (cause) {
    throw writeError({
      message: `the configuration cannot be written: ${systemReason(cause)}`,
      where: place,
      remedy: 'free space or grant access, or name another file with --config',
      cause,
    });
  }
}
