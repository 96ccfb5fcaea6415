import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostileServer, makePublisher, serve, writeNight } from '../publish/support/publisher.ts';
import { project } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { onTerminal } from '../support/pseudo-terminal.ts';
import { temporaryFolder } from '../support/temporary.ts';

describe.skipIf(!hasOracle('script'))(
  'config set feed asks on a terminal whether the digest is right',
  () => {
    let server: HostileServer;

    beforeAll(async () => {
      const publisher = await makePublisher(new Date());
      await publisher.publish([writeNight(5)], { blocks: true });
      server = await serve(publisher.site);
    });
    afterAll(() => server.close());

    it.each([
      ['y', 0],
      ['n', 3],
    ])('%s: exit code %i', async (key, code) => {
      const HOME = temporaryFolder();
      const env = { HOME, XDG_DATA_HOME: join(HOME, 'data'), XDG_CACHE_HOME: join(HOME, 'cache') };
      const command = `"${process.execPath}" "${join(project, 'dist/cli.cjs')}" config set feed ${server.url}`;
      const run = await onTerminal(command, env, { prompt: /\[y\/N\] $/, keys: [key, '\r'] });
      expect(run.screen).toMatch(/offers root 1, sha256\s+[0-9a-f]{64}/);
      expect(run.code).toBe(code);
      const file = join(HOME, '.config/scapfeed/config.yaml');
      if (code === 0) expect(readFileSync(file, 'utf8')).toBe(`feed: ${server.url}\n`);
      else
        expect([existsSync(file), run.screen]).toEqual([
          false,
          expect.stringContaining('TRUST_ROOT_MISSING'),
        ]);
    });
  },
);
