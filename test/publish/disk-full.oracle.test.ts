import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { isRoot } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { share, shareOf } from '../support/trials.ts';
import { runProcess } from './support/cli.ts';
import {
  daysLater,
  makePublisher,
  type Publisher,
  pullInto,
  serve,
  writeNight,
} from './support/publisher.ts';

/** Rooms that a build meets, of forty: none at all, and others by each commit. */
const allBuildRooms = 40;
const buildRooms = [0, ...shareOf(allBuildRooms - 1, 2).map((at) => at + 1)];
const sample = resolve(import.meta.dirname, '../../feeds/sample');

/** Rooms of a tmpfs in kB, so that the disk is full at another write each time. */
const rooms = share(
  Array.from({ length: 24 }, (_, at) => 8 + at * 12),
  8,
);

describe.skipIf(!isRoot())('a full disk', () => {
  const mount = join(temporaryFolder(), 'small');
  let publisher: Publisher;
  let second: string;
  const remount = (size: string) => execFileSync('mount', ['-o', `remount,size=${size}`, mount]);

  beforeAll(async () => {
    publisher = await makePublisher();
    await publisher.publish([writeNight(400)]);
    second = writeNight(400, { 'package-0001': '2.0-1' });
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', mount]);
  });

  afterAll(() => {
    execFileSync('umount', [mount]);
  });

  const used = () => Number(execFileSync('df', ['--output=used', '-k', mount]).toString().split('\n')[1]);

  it.each([
    ['fetching anew', true],
    ['from the snapshots at hand', false],
  ])('at any write of build, %s: told, and the last feed stays', async (_, anew) => {
    const out = join(mount, `built-${anew}`);
    const snapshots = join(mount, `snapshots-${anew}`);
    const args = [
      'build',
      '--source',
      'debian',
      '--mirror',
      sample,
      '--unsigned-mirror',
      '--out',
      out,
      '--snapshots',
      snapshots,
    ];
    const build = () => runProcess(args, { env: { SOURCE_DATE_EPOCH: '1795000000' } });
    expect((await build()).code).toBe(0);
    const good = readFileSync(join(out, 'manifest.json'));
    const before = used();
    if (anew) rmSync(snapshots, { recursive: true });
    const needed = 2 * (before - used()) + 1800;
    let failed = 0;
    for (const at of buildRooms) {
      if (anew) rmSync(snapshots, { recursive: true, force: true });
      remount(`${used() + 4 + Math.round((needed * at) / allBuildRooms)}k`);
      const { code, err } = await build();
      if (code !== 0) {
        failed += 1;
        expect(err).toMatch(/\[DISK_FULL\]\n {2}at: .+\n {2}next: .+/);
      }
      remount('16m');
      await checkFeed(out);
      expect(readFileSync(join(out, 'manifest.json'))).toEqual(good);
      const room = readdirSync(mount).filter((name) => name.startsWith('.built'));
      expect(room).toEqual([]);
    }
    expect(failed).toBeGreaterThan(0);
    expect((await build()).code).toBe(0);
    for (const path of [out, snapshots]) rmSync(path, { recursive: true });
  });

  it('at any write of pull: told, and the feed in use stays', async () => {
    const site = join(temporaryFolder(), 'site');
    cpSync(publisher.site, site, { recursive: true });
    await publisher.publish([second], { to: site, date: daysLater(1) });
    const out = join(mount, 'feed');
    await pullInto(out, publisher.site, { pinned: publisher.root });
    let failed = 0;
    for (const room of rooms) {
      remount(`${used() + room}k`);
      const error = await pullInto(out, site, { now: daysLater(1) }).catch((reason: unknown) => reason);
      if (error instanceof Error) {
        failed += 1;
        expect(error).toMatchObject({ code: 'DISK_FULL', remedy: expect.any(String) });
      }
      await checkFeed(out);
      remount('16m');
    }
    expect(failed).toBeGreaterThan(0);
    await pullInto(out, site, { now: daysLater(1) });
    await checkFeed(out);
  });

  it('at any write of a first pull over HTTP: told, and the next one goes on', async () => {
    const server = await serve(publisher.site);
    const out = join(mount, 'fresh');
    let failed = 0;
    for (const room of rooms) {
      remount(`${used() + room}k`);
      const error = await pullInto(out, server.url, { pinned: publisher.root }).catch(
        (reason: unknown) => reason,
      );
      if (error instanceof Error) {
        failed += 1;
        expect(error).toMatchObject({ code: 'DISK_FULL', remedy: expect.any(String) });
      }
      remount('16m');
    }
    expect(failed).toBeGreaterThan(0);
    await pullInto(out, server.url, { pinned: publisher.root });
    await server.close();
    await checkFeed(out);
  });

  it('at any write of publish: told, and what was published before can be pulled', async () => {
    let failed = 0;
    const site = join(mount, 'site');
    cpSync(publisher.site, site, { recursive: true });
    for (const room of rooms) {
      remount(`${used() + room}k`);
      const error = await publisher
        .publish([second], { to: site, date: daysLater(1) })
        .catch((reason: unknown) => reason);
      if (error instanceof Error) {
        failed += 1;
        expect(error).toMatchObject({ code: 'DISK_FULL', remedy: expect.any(String) });
      }
      remount('16m');
      const out = join(temporaryFolder(), 'feed');
      await pullInto(out, site, { pinned: publisher.root, now: daysLater(1) });
      await checkFeed(out);
    }
    expect(failed).toBeGreaterThan(0);
    await publisher.publish([second], { to: site, date: daysLater(1) });
  });
});
