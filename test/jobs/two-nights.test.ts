import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { newMachine } from './support/machine.ts';
import { edit, realMirror, trackerPath } from './support/real-mirror.ts';
import { variants } from './support/share.ts';
import { closingServer, nginx } from './support/web-servers.ts';

const canRun = hasData('mirror') && hasOracle('nginx', 'python3');
const dsaPath = 'salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/DSA/list';

describe.skipIf(!canRun)('two nights from a server', () => {
  // full-size.test.ts has two nights of nginx that closes every connection.
  const servers: [string, (folder: string) => Promise<string>][] = [
    ["Python's server without lengths", (folder) => closingServer(folder, { lengths: false })],
    ['nginx that closes every connection', (folder) => nginx(folder, 'keepalive_timeout 0;')],
  ];

  it.each(variants(servers, 1))(
    '%s: what changed is new, a page in the place of a list changes nothing',
    async (_, serve) => {
      const mirror = realMirror();
      const url = await serve(mirror);
      const machine = newMachine();
      const build = (out: string) =>
        machine.run(
          `scapfeed build --quiet --source debian --no-ratings --no-oval --mirror ${url} --unsigned-mirror --snapshots snapshots --out ${out}`,
        );
      expect(build('first')).toMatchObject({ code: 0, err: '' });

      edit(
        mirror,
        trackerPath,
        '"fixed_version":"1.6.5+dfsg-1+deb12u13"',
        '"fixed_version":"1.6.5+dfsg-1+deb12u99"',
      );
      const list = join(mirror, dsaPath);
      const advisories = readFileSync(list);
      writeFileSync(list, '<!doctype html><title>Maintenance</title>\n');
      expect(build('second').code).toBe(3);

      writeFileSync(list, advisories);
      expect(build('third')).toMatchObject({ code: 0, err: '' });
      expect(machine.run('scapfeed diff first third').out.trimEnd().split('\n').at(-1)).toMatch(
        /^[1-9] changes?: /,
      );
    },
  );
});
