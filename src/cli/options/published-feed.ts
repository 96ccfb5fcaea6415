import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { currentTime } from '../../io/clock.ts';
import { cacheKey, PrivateCache, userCache } from '../../io/private-cache.ts';
import { readWhole } from '../../io/read-whole.ts';
import type { Environment } from '../../model/environment.ts';
import type { Progress } from '../../model/progress.ts';
import type { FeedOrigin } from '../../model/verdict/index.ts';
import { ofScan } from '../../publish/blocks/open-remote.ts';
import type { RegistryAccess } from '../../publish/oci/repository.ts';
import { isGuarded } from '../../publish/private-folder.ts';
import { type OfferedRoot, offeredRoot } from '../../publish/pull/offered-root.ts';
import { openOrigin } from '../../publish/pull/open-origin.ts';
import type { ChosenFeed } from '../../tasks/feed.ts';
import { openFeedOver } from '../../tasks/remote-feed.ts';
import { trustRoot } from './pull-config.ts';

export interface PublishedFeedChoice {
  chosen: FeedOrigin['chosen'];
  /** File of a root that the user trusts. */
  root: string | undefined;
  /** Folder of scapfeed's data for this user. */
  data: string;
  access: RegistryAccess;
  env: Environment;
  progress: Progress;
}

const cacheBounds = { files: 20_000, bytes: 512 * 1024 * 1024 };

/** Opens a published feed at its address, with the trust and the blocks that earlier runs of this user kept. */
export function openPublishedFeed(place: string, choice: PublishedFeedChoice): Promise<ChosenFeed> {
  return openWith(place, choice, choice.root === undefined ? undefined : trustRoot(choice.root));
}

/**
 * Opens a published feed. If no root is stored for it, `confirm` gets the latest root that the feed offers, and throws to reject it. The root is stored after the feed has been verified by it.
 */
export async function openNewFeed(
  place: string,
  choice: PublishedFeedChoice,
  confirm: (root: OfferedRoot) => void,
): Promise<ChosenFeed> {
  if (choice.root !== undefined || knownRoot(place, choice.data)) return openPublishedFeed(place, choice);
  const origin = await openOrigin(addressOf(place), choice.access, folderOf(place, choice.data));
  try {
    const root = await offeredRoot(origin).catch((error: unknown) => {
      throw ofScan(error);
    });
    confirm(root);
    return await openWith(place, choice, root.bytes);
  } finally {
    await origin.close();
  }
}

/** The root by which this user trusts a published feed, as it was last verified. */
export function knownRoot(place: string, data: string): Buffer | undefined {
  const file = join(folderOf(place, data), 'root.json');
  return existsSync(file) && isGuarded(folderOf(place, data)) && isGuarded(file)
    ? readWhole(file)
    : undefined;
}

function openWith(
  place: string,
  { chosen, data, access, env, progress }: PublishedFeedChoice,
  pinned: Buffer | undefined,
): Promise<ChosenFeed> {
  return openFeedOver({
    from: addressOf(place),
    chosen,
    folder: folderOf(place, data),
    cache: new PrivateCache(join(userCache(env), 'blocks'), cacheBounds),
    now: currentTime(),
    progress,
    access,
    ...(pinned && { pinned }),
  });
}

function addressOf(place: string): string {
  return place.replace(/\/+$/, '');
}

function folderOf(place: string, data: string): string {
  return join(data, 'remote', cacheKey(addressOf(place)).slice(0, 32));
}
