import { distroExports } from '../distros/exports.ts';
import type { Feed } from '../feed/read/feed.ts';
import type { FeedPlatform } from '../model/feed/index.ts';
import { isOfEcosystem } from '../model/inventory/index.ts';
import type { ReleaseExport } from './rows/distro-export.ts';
import type { ExportInexactList } from './rows/inexact.ts';
import type { ExportRow } from './rows/rows.ts';

/** A release with its names in one layout. */
export interface NamedRelease<Names> {
  platform: FeedPlatform;
  release: ReleaseExport;
  names: Names;
}

/**
 * The releases of a feed that a layout knows; of every other platform the list says that it is not there. `languages`: the layout has
 * packages of languages too, which are written otherwise.
 */
export function releasesWith<Names>(
  feed: Feed,
  inexact: ExportInexactList,
  title: string,
  namesOf: (release: ReleaseExport) => Names | undefined,
  languages = false,
): NamedRelease<Names>[] {
  return feed.manifest.platforms.flatMap((platform) => {
    if (languages && isOfEcosystem({ type: platform.id })) return [];
    const distro = distroExports.find(({ ids }) => ids.includes(platform.os.id));
    const named = (distro?.releases(platform, feed) ?? []).flatMap((release) => {
      const names = namesOf(release);
      return names === undefined ? [] : [{ platform, release: noting(release, platform.id, inexact), names }];
    });
    if (named.length > 0) return named;
    inexact.without(platform.id, distro ? `${title} has no name for it` : whyWithout(platform, title));
    return [];
  });
}

function whyWithout({ id, os }: FeedPlatform, title: string): string {
  return isOfEcosystem({ type: id })
    ? `packages of languages are written for Trivy, Grype and osv-scanner, not for ${title}`
    : `scapfeed does not write ${os.id} for ${title}`;
}

/**
 * The release without builds that no layout distinguishes from plain ones, with a note of them and of every row that is written for one
 * binary of its source alone.
 */
function noting(release: ReleaseExport, platform: string, inexact: ExportInexactList): ReleaseExport {
  return {
    ...release,
    *lines() {
      for (const line of release.lines()) {
        if (line.guessed) {
          const ids = line.rows.flatMap((row) => (isFlaw(row) ? row.ids : []));
          if (ids.length > 0) inexact.item(platform, 'binaries_unknown', binariesUnknown, line.package, ids);
        }
        const flavoured = line.rows.filter(({ flavour }) => flavour !== undefined);
        const ids = flavoured.flatMap((row) => row.ids);
        if (ids.length > 0) inexact.leftOut(platform, 'flavour', besidePlain, line.package, ids);
        const rows =
          flavoured.length === 0 ? line.rows : line.rows.filter(({ flavour }) => flavour === undefined);
        if (rows.length > 0) yield { ...line, rows };
      }
    },
  };
}

function isFlaw({ status }: ExportRow): boolean {
  return status === 'affected' || status === 'under_investigation';
}

const besidePlain = 'Builds with a number of their own would be compared with plain ones.';
const binariesUnknown = 'No document shows binaries of the source: only one of its name is looked up.';
