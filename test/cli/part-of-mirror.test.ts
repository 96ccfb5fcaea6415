import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeAlpineMirror } from '../distros/alpine/world.ts';
import { project, scapfeed } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

it('a build from a mirror with some vendors names the option that asks it for these only', () => {
  const folder = temporaryFolder();
  const mirror = writeAlpineMirror({
    'v3.20/main': { secfixes: { openssl: { '3.3.1-r1': ['CVE-2024-5535'] } } },
    'v3.20/community': { secfixes: {} },
  });
  const build = (sources: string) =>
    scapfeed([
      ...['build', '--source', sources, '--mirror', mirror, '--snapshots', join(folder, 'snapshots')],
      ...['--out', join(folder, 'feed'), '--no-oval', '--no-ratings'],
    ]);
  const { code, err, out } = build('rocky,alpine,debian');
  expect(code).toBe(3);
  // One message for all of them, and one line in the summary.
  expect(err.match(/\[FETCH_NOT_FOUND\]/g)).toHaveLength(1);
  expect(err).toContain('scapfeed: 2 sources are not there: debian, rocky; of the first: ');
  expect(out).toContain(
    'debian, rocky could not be read (FETCH_NOT_FOUND) and have no last good data: their data is absent\n',
  );
  expect(err).toContain('\n  if the mirror is not meant to have debian, rocky: --source alpine\n');
  expect(build('alpine')).toMatchObject({ code: 0, err: '' });
});

it('a build tells the documents that the mirror does not have, and that it can do without, in one line', () => {
  const folder = temporaryFolder();
  const mirror = join(folder, 'mirror');
  cpSync(join(project, 'feeds/sample'), mirror, { recursive: true, dereference: true });
  rmSync(join(mirror, 'security.access.redhat.com/data/metrics'), { recursive: true });
  const { code, err } = scapfeed(
    [
      ...[
        'build',
        '--source',
        'redhat',
        '--no-ratings',
        '--mirror',
        mirror,
        '--unsigned-mirror',
        '--no-oval',
      ],
      ...['--snapshots', join(folder, 'snapshots'), '--out', join(folder, 'feed')],
    ],
    { SCAPFEED_BUILD_QUIET: '0' },
  );
  expect(code).toBe(0);
  expect(err).toContain('the server does not have redhat-repositories and 1 more\n');
  expect(err).not.toContain('status 404');
});
