import { group, path, text } from '../option.ts';

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
