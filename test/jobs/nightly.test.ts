import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { type Machine, newMachine } from './support/machine.ts';
import { edit, realMirror, takeAway, trackerPath, vendors } from './support/real-mirror.ts';
import { variants } from './support/share.ts';
import { nginx, pythonServer } from './support/web-servers.ts';

const canRun = hasData('mirror') && hasOracle('nginx', 'python3');

/** Platforms of a feed, and how many. */
function platformsOf(machine: Machine, feed: string): string[] {
  const manifest = JSON.parse(readFileSync(join(machine.home, feed, 'manifest.json'), 'utf8'));
  return manifest.platforms.map(({ id }: { id: string }) => id);
}

describe.skipIf(!canRun)('a nightly build of the three vendors, from their real documents', () => {
  let mirror: string;
  let operator: Machine;
  beforeAll(() => {
    mirror = realMirror();
    operator = newMachine();
    operator.does(
      `scapfeed build --source debian,redhat,ubuntu --unsigned-mirror --mirror ${mirror} --snapshots snapshots --out feed`,
    );
  });

  const servers: [string, () => Promise<string>][] = [
    ['nginx that closes every connection', () => nginx(mirror, 'keepalive_timeout 0;')],
    ["Python's server, which speaks HTTP/1.0", () => pythonServer(mirror)],
    ['nginx', () => nginx(mirror)],
    [
      'nginx that compresses, in chunks of unknown number',
      () => nginx(mirror, 'gzip on; gzip_types *;', 'gzip_http_version 1.0;'),
    ],
    ['nginx without dates and tags', () => nginx(mirror, 'etag off; add_header Last-Modified "";')],
  ];

  it.each(variants(servers, 2))(
    'over %s is the same feed as from the folder, byte for byte',
    async (_, serve) => {
      const machine = newMachine();
      machine.does(
        `scapfeed build --source debian,redhat,ubuntu --unsigned-mirror --mirror ${await serve()} --out feed`,
      );
      machine.does(`diff -r feed ${operator.home}/feed`);
    },
  );

  it('gives the same feed a second time, and again without a network', async () => {
    const machine = newMachine();
    const url = await nginx(mirror);
    machine.does(
      `scapfeed build --source debian,redhat,ubuntu --unsigned-mirror --mirror ${url} --out first`,
    );
    machine.does(
      `scapfeed build --source debian,redhat,ubuntu --unsigned-mirror --mirror ${url} --out second`,
    );
    machine.does(
      `scapfeed build --source debian,redhat,ubuntu --unsigned-mirror --mirror ${url} --out third --offline`,
    );
    machine.does('diff -r first second && diff -r second third');
  });

  it('on the second night has what the vendor changed, and nothing else', () => {
    const machine = newMachine();
    const tomorrow = realMirror();
    const fix = (version: string) => `"fixed_version":"${version}"`;
    edit(tomorrow, trackerPath, fix('1.6.5+dfsg-1+deb12u13'), fix('1.6.5+dfsg-1+deb12u99'));
    const build = (from: string, out: string) =>
      machine.does(
        `scapfeed build --source debian --unsigned-mirror --mirror ${from} --snapshots snapshots --out ${out}`,
      );
    build(mirror, 'first');
    build(tomorrow, 'second');
    const changes = machine.run('scapfeed diff first second').out.trimEnd().split('\n');
    expect(changes.at(-1)).toMatch(/^[1-9] changes?: /);
  });
});

describe.skipIf(!canRun)('a vendor that is down', () => {
  it.each(variants(vendors, 1))('on the first night: %s is absent, the others go out', (vendor) => {
    const mirror = realMirror();
    takeAway(mirror, vendor);
    const machine = newMachine();
    const night = machine.run(
      `scapfeed build --source debian,redhat,ubuntu --unsigned-mirror --mirror ${mirror} --out feed --no-oval -o table -o json=night.json`,
    );
    expect(night.code).toBe(3);
    expect(night.out + night.err).toContain(vendor);
    const ids = platformsOf(machine, 'feed');
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
      const build = (out: string) =>
        machine.run(
          `scapfeed build --source debian,redhat,ubuntu --unsigned-mirror --mirror ${mirror} --snapshots snapshots --out ${out} --no-oval`,
        );
      expect(build('first').code).toBe(0);
      const mend = takeAway(mirror, vendor);
      const night = build('second');
      expect(night.code).toBe(3);
      expect(platformsOf(machine, 'second')).toEqual(platformsOf(machine, 'first'));
      machine.does('diff -r first/index second/index');
      mend();
      expect(build('third').code).toBe(0);
      machine.does('diff -r first third');
    },
  );

  it('that sends a page of HTML instead of data is down, too', () => {
    const mirror = realMirror();
    const machine = newMachine();
    const build = () =>
      machine.run(
        `scapfeed build --source debian,redhat,ubuntu --unsigned-mirror --mirror ${mirror} --snapshots snapshots --out feed --no-oval`,
      );
    expect(build().code).toBe(0);
    const before = readFileSync(join(machine.home, 'feed/index/debian-12.jsonl'));
    writeFileSync(join(mirror, trackerPath), '<!doctype html><title>Maintenance</title>');
    expect(build().code).toBe(3);
    expect(readFileSync(join(machine.home, 'feed/index/debian-12.jsonl'))).toEqual(before);
  });
});
