import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scapfeedProcess } from './cli.ts';
import { dataPath } from './data.ts';
import { madeOnce } from './made-once.ts';
import { temporaryFolder } from './temporary.ts';

/** A feed of the mirror's real documents of Debian, Red Hat and Ubuntu, without OVAL and ratings: made once in a run of the tests. */
export function mirrorFeed(): string {
  const folder = madeOnce(join(tmpdir(), 'mirror-feed'), (pending) => {
    const { code, err } = scapfeedProcess(
      [
        ...[
          'build',
          '--source',
          'debian,redhat,ubuntu',
          '--no-ratings',
          '--no-oval',
          '--out',
          join(pending, 'feed'),
        ],
        ...['--mirror', dataPath('mirror'), '--unsigned-mirror'],
      ],
      { XDG_CACHE_HOME: temporaryFolder() },
    );
    if (code !== 0 || err !== '') throw new Error(err);
  });
  return join(folder, 'feed');
}
