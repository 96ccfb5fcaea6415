import { defaultKeep } from '../../sources/kept-feeds.ts';
import { flag, group, number, ofCommandLine, path, text } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** Options of every command that reads snapshots. */
export const snapshotOptions = group('Snapshots', {
  snapshots: path(
    'DIR',
    'folder for fetched vendor documents (default: XDG_CACHE_HOME/scapfeed/snapshots; for a mirror, ' +
      'snapshots-of-DIGEST next to it)',
  ),
  mirror: {
    ...text(
      'DIR|URL',
      'read https://HOST/PATH from MIRROR/HOST/PATH; `sample:` is a small mirror included in scapfeed ' +
        '(default: SCAPFEED_MIRROR, then the vendors)',
    ),
    variable: 'command' as const,
  },
});

/** The feeds whose snapshots are kept. */
export interface PruningParameters {
  /** Number of feeds to keep for each choice of sources. Default: 8. */
  keep?: number;
  /** Age in days after which feeds are removed. Default: 60. */
  days?: number;
}

/** The options of {@link PruningParameters}. */
export const pruningOptions = {
  keep: number(
    `with --prune: number of feeds to keep for each set of sources (default: ${defaultKeep.feeds})`,
  ),
  days: number(
    `with --prune: remove feeds older than this many days, except the newest (default: ${defaultKeep.days})`,
  ),
} satisfies OptionTableOf<PruningParameters>;

/** The options of `snapshots`. */
export const snapshotsOptions = {
  ...snapshotOptions,
  prune: ofCommandLine(flag('remove documents that no kept feed and no current fetch needs')),
  ...pruningOptions,
};
