import { join } from 'node:path';
import { currentTime } from '../../io/clock.ts';
import type { HttpOptions } from '../../io/http/http.ts';
import { cacheKey, PrivateCache, userCache } from '../../io/private-cache.ts';
import type { Environment, FeedOrigin, Progress } from '../../model/index.ts';
import type { ChosenFeed } from '../../tasks/feed.ts';
import { openFeedOver } from '../../tasks/remote-feed.ts';
import { trustRoot } from './pull-config.ts';

export interface PublishedFeedChoice {
  chosen: FeedOrigin['chosen'];
  /** File of a root that the user trusts. */
  root: string | undefined;
  /** Folder of scapfeed's data for this user. */
  data: string;
  http: HttpOptions | undefined;
  env: Environment;
  progress: Progress;
}

const cacheBounds = { files: 20_000, bytes: 512 * 1024 * 1024 };

/** Opens a published feed at `http(s)://HOST/PATH`, with the trust and the blocks that earlier runs of this user kept. */
export function openPublishedFeed(
  place: string,
  { chosen, root, data, http, env, progress }: PublishedFeedChoice,
): Promise<ChosenFeed> {
  const from = place.replace(/\/+$/, '');
  return openFeedOver({
    from,
    chosen,
    folder: join(data, 'remote', cacheKey(from).slice(0, 32)),
    cache: new PrivateCache(join(userCache(env), 'blocks'), cacheBounds),
    now: currentTime(),
    progress,
    ...(http && { http }),
    ...(root !== undefined && { pinned: trustRoot(root) }),
  });
}
