import { distroExports } from '../distros/exports.ts';
import type { Feed } from '../feed/read/feed.ts';
import type { FeedPlatform } from '../model/index.ts';
import type { ReleaseExport } from './rows/distro-export.ts';
import type { InexactList } from './rows/inexact.ts';

/** A release with its names in one layout. */
export interface NamedRelease<Names> {
  platform: FeedPlatform;
  release: ReleaseExport;
  names: Names;
}

/** The releases of a feed that a layout knows; of every other platform the list says that it is not there. */
export function releasesWith<Names>(
  feed: Feed,
  inexact: InexactList,
  title: string,
  namesOf: (release: ReleaseExport) => Names | undefined,
): NamedRelease<Names>[] {
  return feed.manifest.platforms.flatMap((platform) => {
    const distro = distroExports.find(({ ids }) => ids.includes(platform.os.id));
    const named = (distro?.releases(platform, feed) ?? []).flatMap((release) => {
      const names = namesOf(release);
      return names === undefined ? [] : [{ platform, release, names }];
    });
    if (named.length > 0) return named;
    const why = distro
      ? `${title} has no name for it`
      : `scapfeed does not write ${platform.os.id} for ${title}`;
    inexact.without(platform.id, why);
    return [];
  });
}
