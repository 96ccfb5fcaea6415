import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeAlpineMirror } from '../distros/alpine/world.ts';
import { scapfeed } from '../support/cli.ts';
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
      ...['--out', join(folder, 'feed'), '--no-oval'],
    ]);
  const { code, err } = build('rocky,alpine,debian');
  expect(code).toBe(3);
  expect(err).toContain('\n  if the mirror is not meant to have debian, rocky: --source alpine\n');
  expect(build('alpine')).toMatchObject({ code: 0, err: '' });
});
