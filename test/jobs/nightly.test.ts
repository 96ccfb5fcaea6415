import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { newMachine } from './support/machine.ts';
import { edit, realMirror, takeAway, trackerPath, vendors } from './support/real-mirror.ts';
import { type Night, realNight } from './support/real-night.ts';
import { isShare, variants } from './support/share.ts';
import { nginx, pythonServer } from './support/web-servers.ts';

const canRun = hasData('mirror') && hasOracle('nginx', 'python3');

/** OVAL is made of the index alone: CI makes it again from one server only, and compares the index of the other builds. */
const oval = isShare ? '--no-oval' : '';
const equal = (a: string, b: string) => (isShare ? `diff -r ${a}/index ${b}/index` : `diff -r ${a} ${b}`);

function platformsOf(feed: string): string[] {
  const manifest = JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8'));
  return manifest.platforms.map(({ id }: { id: string }) => id);
}

describe.skipIf(!canRun)('a nightly build of the three vendors, from their real documents', () => {
  const mirror = dataPath('mirror');
  let night: Night;
  beforeAll(() => {
    night = realNight();
  });

  const servers: [string, () => Promise<string>][] = [
    ["Python's server, which speaks HTTP/1.0", () => pythonServer(mirror)],
    ['nginx that closes every connection', () => nginx(mirror, 'keepalive_timeout 0;')],
    [
      'nginx that compresses, in chunks of unknown number',
      () => nginx(mirror, 'gzip on; gzip_types *;', 'gzip_http_version 1.0;'),
    ],
    ['nginx without dates and tags', () => nginx(mirror, 'etag off; add_header Last-Modified "";')],
  ];

  it.each(variants(servers, 1))(
    'over %s is the same feed as from the folder, byte for byte',
    async (_, serve) => {
      const machine = newMachine();
      machine.does(
        `scapfeed build --source debian,redhat,ubuntu --no-ratings --unsigned-mirror --mirror ${await serve()} --out feed ${oval}`,
      );
      machine.does(equal('feed', night.feed));
    },
  );

  it('over nginx is that feed the first time, a second time, and again without a network', async () => {
    const machine = newMachine();
    const url = await nginx(mirror);
    machine.does(
      `scapfeed build --source debian,redhat,ubuntu --no-ratings --unsigned-mirror --mirror ${url} --out first`,
    );
    machine.does(
      `scapfeed build --source debian,redhat,ubuntu --no-ratings --unsigned-mirror --mirror ${url} --out second ${oval}`,
    );
    machine.does(
      `scapfeed build --source debian,redhat,ubuntu --no-ratings --unsigned-mirror --mirror ${url} --out third --offline ${oval}`,
    );
    machine.does(`diff -r ${night.feed} first && ${equal('first', 'second')} && diff -r second third`);
  });

  it('on the second night has what the vendor changed, and nothing else', () => {
    const machine = newMachine();
    const tomorrow = realMirror();
    const fix = (version: string) => `"fixed_version":"${version}"`;
    edit(tomorrow, trackerPath, fix('1.6.5+dfsg-1+deb12u13'), fix('1.6.5+dfsg-1+deb12u99'));
    machine.does(`cp -r ${night.snapshots} snapshots`);
    machine.does(
      `scapfeed build --source debian,redhat,ubuntu --no-ratings --no-oval --unsigned-mirror --mirror ${tomorrow} --snapshots snapshots --out second`,
    );
    const changes = machine.run(`scapfeed diff ${night.feed} second`).out.trimEnd().split('\n');
    expect(changes.at(-1)).toMatch(/^[1-9] changes?: /);
  });
});

describe.skipIf(!canRun)('a vendor that is down', () => {
  it.each(variants(vendors, 1))('on the first night: %s is absent, the others go out', (vendor) => {
    const mirror = realMirror();
    takeAway(mirror, vendor);
    const machine = newMachine();
    const ran = machine.run(
      `scapfeed build --source debian,redhat,ubuntu --no-ratings --unsigned-mirror --mirror ${mirror} --out feed --no-oval -o table -o json=night.json`,
    );
    expect(ran.code).toBe(3);
    expect(ran.out + ran.err).toContain(vendor);
    const ids = platformsOf(join(machine.home, 'feed'));
    const prefix = { debian: 'debian-', redhat: 'rhel-', ubuntu: 'ubuntu-' };
    for (const each of vendors) {
      expect(
        ids.some((id) => id.startsWith(prefix[each])),
        each,
      ).toBe(each !== vendor);
    }
  });

  it.each(variants(vendors, 1))(
    'on the second night: %s is as it was, marked, and comes back on the third',
    (vendor) => {
      const mirror = realMirror();
      const machine = newMachine();
      const first = realNight();
      machine.does(`cp -r ${first.snapshots} snapshots`);
      const build = (out: string) =>
        machine.run(
          `scapfeed build --source debian,redhat,ubuntu --no-ratings --unsigned-mirror --mirror ${mirror} --snapshots snapshots --out ${out}`,
        ).code;
      const mend = takeAway(mirror, vendor);
      expect(build('second --no-oval')).toBe(3);
      expect(platformsOf(join(machine.home, 'second'))).toEqual(platformsOf(first.feed));
      machine.does(`diff -r ${first.feed}/index second/index`);
      mend();
      expect(build(`third ${oval}`)).toBe(0);
      machine.does(equal(first.feed, 'third'));
    },
  );

  it('that sends a page of HTML instead of data is down, too', () => {
    const mirror = realMirror();
    const machine = newMachine();
    const { feed, snapshots } = realNight();
    machine.does(`cp -r ${feed} feed && cp -r ${snapshots} snapshots`);
    writeFileSync(join(mirror, trackerPath), '<!doctype html><title>Maintenance</title>');
    const { code } = machine.run(
      `scapfeed build --source debian,redhat,ubuntu --no-ratings --unsigned-mirror --mirror ${mirror} --snapshots snapshots --out feed --no-oval`,
    );
    expect(code).toBe(3);
    machine.does(`cmp feed/index/debian-12.jsonl ${feed}/index/debian-12.jsonl`);
  });
});
