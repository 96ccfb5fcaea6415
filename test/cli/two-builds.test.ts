import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { writeAlpineMirror } from '../distros/alpine/world.ts';
import { project, scapfeed } from '../support/cli.ts';
import { serve } from '../support/http-server.ts';
import { noHome, temporaryFolder } from '../support/temporary.ts';

it('a second build on the same snapshots is refused, and so is pruning them; a killed build is not in the way', async () => {
  const folder = temporaryFolder('two-builds');
  const snapshots = join(folder, 'snapshots');
  const mirror = writeAlpineMirror({
    'v3.20/main': { secfixes: { openssl: { '3.3.1-r1': ['CVE-2024-5535'] } } },
    'v3.20/community': { secfixes: {} },
  });
  const args = (from: string, out: string) => [
    ...['build', '--source', 'alpine', '--no-ratings', '--mirror', from, '--snapshots', snapshots],
    ...['--out', join(folder, out), '--no-oval'],
  ];
  // The first build waits for it.
  await using server = await serve({ '/secdb.alpinelinux.org/v3.20/main.json': () => undefined });
  const first = spawn(process.execPath, [join(project, 'dist/cli.cjs'), ...args(server.origin, 'first')], {
    env: { PATH: process.env['PATH'], HOME: noHome() },
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => first.once('exit', resolve));
  while (server.requests.length === 0) await pause(20);

  const second = scapfeed(args(mirror, 'second'));
  expect(second).toMatchObject({ code: 3, out: '' });
  expect(second.err).toContain(`process ${first.pid} on`);
  expect(second.err).toContain('[FEED_LOCKED]');
  expect(scapfeed(['snapshots', '--prune', '--snapshots', snapshots]).err).toContain('[FEED_LOCKED]');
  expect(scapfeed(['snapshots', '--snapshots', snapshots])).toMatchObject({ code: 0 });

  first.kill('SIGKILL');
  await ended;
  expect(existsSync(join(snapshots, '.lock'))).toBe(true);
  expect(scapfeed(args(mirror, 'second'))).toMatchObject({ code: 0 });
  expect(existsSync(join(snapshots, '.lock'))).toBe(false);
});
