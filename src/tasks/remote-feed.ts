import type { FeedOrigin } from '../model/verdict/index.ts';
import { openRemoteFeed, type RemoteFeedOptions } from '../publish/blocks/open-remote.ts';
import type { ChosenFeed } from './feed.ts';

/** Opens a published feed over HTTP: of its index, only what is read is fetched. */
export async function openFeedOver({
  chosen,
  ...options
}: RemoteFeedOptions & Pick<FeedOrigin, 'chosen'>): Promise<ChosenFeed> {
  const remote = await openRemoteFeed(options);
  return {
    ...remote.view,
    directory: options.from,
    digest: remote.digest,
    complete: remote.complete,
    contentFile: remote.contentFile,
    close() {
      void remote.close();
    },
    origin: { directory: options.from, created: remote.manifest.created, chosen, signed: true },
  };
}
