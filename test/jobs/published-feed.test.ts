import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { debianRelease, stanza } from '../support/cli.ts';
import { hasOracle, isRoot } from '../support/oracles.ts';
import { type Machine, newMachine } from './support/machine.ts';
import { nginx, pythonServer } from './support/web-servers.ts';

const canRun = isRoot() && hasOracle('nginx', 'python3');
const passphrase = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a test' };
const scan = 'scapfeed scan dir:image --max-age 0 --allow-uncovered';

/** A user without a feed reads one at its address: no pull, no build, an empty home. */
describe.skipIf(!canRun)('the first five minutes with a published feed', () => {
  let publisher: Machine;
  const site = () => join(publisher.home, 'public');

  beforeAll(() => {
    publisher = newMachine();
    publisher.does(
      'chmod 755 . && scapfeed build --source debian --no-ratings --no-oval --mirror sample: --out feed',
    );
    publisher.does('scapfeed keys make', passphrase);
    publisher.does('scapfeed publish --feed feed --to public --blocks', passphrase);
  });

  function newUser(): Machine {
    const user = newMachine({ user: 4711 });
    user.does('mkdir -p image/etc image/var/lib/dpkg');
    user.does(`cat > image/etc/os-release <<'END'\n${debianRelease('12', 'bookworm')}\nEND`);
    user.does(`cat > image/var/lib/dpkg/status <<'END'\n${stanza('glibc', '2.36-9+deb12u3')}\nEND`);
    return user;
  }

  it('are told by the error, and take two commands', async () => {
    const user = newUser();
    const { code, err } = user.run(scan);
    expect(code).toBe(3);
    expect(err).toContain('scapfeed config set feed https://HOST/PATH');
    const [digest] = /[0-9a-f]{64}/.exec(publisher.does('scapfeed keys list'))!;
    const url = await nginx(site());
    expect(user.run(`setsid scapfeed config set feed ${url} < /dev/null`)).toMatchObject({
      code: 3,
      out: expect.stringContaining(digest),
    });
    user.does(`scapfeed config set feed ${url} --yes`);
    expect(user.does(scan)).toContain('CVE-2024-2961');
    expect(user.does('scapfeed config scan')).toContain(url);
  });

  it('give the verdicts of a pull, over a server that compresses and one that closes', async () => {
    const servers = [await nginx(site(), 'gzip on; gzip_types *;'), await pythonServer(site())];
    for (const url of servers) {
      const user = newUser();
      user.does(`scapfeed config set feed ${url} --yes`);
      const over = JSON.parse(user.does(`${scan} -o json`));
      user.does(`scapfeed pull --from ${url}`);
      const pulled = JSON.parse(user.does(`${scan} --feed .local/share/scapfeed/feed -o json`));
      expect(over.verdicts).toEqual(pulled.verdicts);
      expect(over.verdicts.length).toBeGreaterThan(0);
    }
  });

  it('end with an error where a mirror has changed the data', async () => {
    const mirror = newMachine();
    cpSync(site(), join(mirror.home, 'public'), { recursive: true });
    const files = readdirSync(join(mirror.home, 'public'), { recursive: true, encoding: 'utf8' });
    for (const name of files.filter((path) => /^blocks\/.*\.gz$|^targets\/debian-12\/index\/./.test(path))) {
      const file = join(mirror.home, 'public', name);
      const bytes = readFileSync(file);
      if (bytes.length > 0) bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(file, bytes);
    }
    const user = newUser();
    user.does(`scapfeed config set feed ${await nginx(join(mirror.home, 'public'))} --yes`);
    expect(user.run(scan)).toMatchObject({ code: 3, err: expect.stringContaining('[TRUST_SWAPPED]') });
  });
});
