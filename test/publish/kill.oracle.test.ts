import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openChosenFeed } from '../../src/cli/options/feed-choice.ts';
import { openFeed } from '../../src/runtime/node.ts';
import { checkFeed } from '../../src/validate/feed-files.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { shareOf } from '../support/trials.ts';
import { type CliOptions, runProcess } from './support/cli.ts';
import { makePublisher, type Publisher, pullInto, writeNight } from './support/publisher.ts';

/** Moments at which a run is killed: a share of two hundred. */
const all = 200;
const chosen = shareOf(all, 3);

const timeout = 180_000 + 15_000 * chosen.length;

let publisher: Publisher;
const now = new Date();
const nights: string[] = [];

beforeAll(async () => {
  publisher = await makePublisher();
  nights.push(writeNight(400), writeNight(400, { 'package-0001': '2.0-1' }));
  await publisher.publish([nights[0]!], { date: now });
});

/** Evenly over the time that a whole run takes. */
function moments(milliseconds: number): number[] {
  return chosen.map((at) => (milliseconds * (at + Math.random())) / all);
}

const sample = resolve(import.meta.dirname, '../../feeds/sample');

describe('kill -9', () => {
  it('of build: the last good feed works, and the next build succeeds', { timeout }, async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'out');
    const snapshots = join(folder, 'snapshots');
    const args = [
      'build',
      '--source',
      'debian',
      '--mirror',
      sample,
      '--unsigned-mirror',
      '--snapshots',
      snapshots,
      '--out',
      out,
    ];
    const run = (date: string, options: CliOptions = {}) =>
      runProcess(args, { env: { SOURCE_DATE_EPOCH: String(Date.parse(date) / 1000) }, ...options });
    const [first, second] = ['2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z'];
    const whole = await run(first);
    expect(whole.code, whole.err).toBe(0);
    cpSync(folder, `${folder}.good`, { recursive: true });
    for (const killAfter of moments(whole.milliseconds)) {
      rmSync(folder, { recursive: true, force: true });
      cpSync(`${folder}.good`, folder, { recursive: true });
      // Half of them fetch anew: the snapshots are written too.
      if (killAfter < whole.milliseconds / 2) rmSync(snapshots, { recursive: true });
      await run(second, { killAfter });
      // The next command finds a feed that was left between two renames.
      const { manifest } = openChosenFeed(out, {});
      expect([first, second]).toContain(manifest.created);
      await checkFeed(out);
      const again = await run(second);
      expect(again.code, again.err).toBe(0);
      await checkFeed(out);
      expect(readdirSync(folder).sort()).toEqual(['out', 'snapshots']);
    }
  });

  it('of publish: the folder can be pulled from at once, and the next publish succeeds', {
    timeout,
  }, async () => {
    const site = join(temporaryFolder(), 'site');
    const args = ['publish', '--feed', nights[1]!, '--to', site, '--keys', publisher.store.directory];
    const restore = () => {
      rmSync(site, { recursive: true, force: true });
      cpSync(publisher.site, site, { recursive: true });
    };
    restore();
    const whole = await runProcess(args);
    expect(whole.err).toBe('');
    for (const killAfter of moments(whole.milliseconds)) {
      restore();
      await runProcess(args, { killAfter });
      const out = join(temporaryFolder(), 'feed');
      await pullInto(out, site, { pinned: publisher.root, now: new Date() });
      await checkFeed(out);
      expect((await runProcess(args)).code).toBe(0);
      await pullInto(out, site, { now: new Date() });
      expect(readFileSync(join(out, 'index/debian-12.jsonl'))).toEqual(
        readFileSync(join(nights[1]!, 'index/debian-12.jsonl')),
      );
    }
  });

  it('of pull: the last good feed works, and the next pull succeeds', { timeout }, async () => {
    const site = join(temporaryFolder(), 'site');
    cpSync(publisher.site, site, { recursive: true });
    await publisher.publish([nights[1]!], { to: site, date: new Date(now.getTime() + 1000) });
    const folder = temporaryFolder();
    const out = join(folder, 'feed');
    const args = ['pull', '--from', site, '--out', out];
    const restore = async () => {
      rmSync(folder, { recursive: true, force: true });
      await pullInto(out, publisher.site, { pinned: publisher.root, now: new Date() });
    };
    await restore();
    const whole = await runProcess(args);
    expect(whole.err).toBe('');
    for (const killAfter of moments(whole.milliseconds)) {
      await restore();
      await runProcess(args, { killAfter });
      await checkFeed(out);
      const feed = openFeed(out);
      expect(feed.shard('debian-12')!.package('package-0001')).toBeDefined();
      feed.close();
      expect((await runProcess(args)).code).toBe(0);
      expect(readFileSync(join(out, 'index/debian-12.jsonl'))).toEqual(
        readFileSync(join(nights[1]!, 'index/debian-12.jsonl')),
      );
    }
  });

  it('of pull --export: what the scanner has is the last export or the next one, and the next pull succeeds', {
    timeout,
  }, async () => {
    const work = temporaryFolder();
    const does = async (...args: string[]) => {
      const run = await runProcess(args);
      expect(`${run.code} ${run.code === 0 ? '' : run.err}`, args.join(' ')).toBe('0 ');
      return run;
    };
    const keys = ['--keys', publisher.store.directory];
    const root = join(work, 'root.json');
    writeFileSync(root, publisher.root);
    // The site as it was after each night.
    const sites: string[] = [];
    for (const [at, night] of nights.entries()) {
      const exports = join(work, `exports-${at}`);
      await does('export', '--feed', night, '--to', 'trivy', '--out', exports);
      const site = join(work, `site-${at}`);
      if (at > 0) cpSync(sites[at - 1]!, site, { recursive: true });
      await does('publish', '--feed', night, ...keys, '--to', site, '--exports', exports);
      sites.push(site);
    }
    const place = join(work, 'place');
    const pull = (site: string) => [
      ...['pull', '--from', site, '--trust-root', root, '--out', join(place, 'feed')],
      ...['--export', 'trivy', '--into', join(place, 'cache')],
    ];
    await does(...pull(sites[0]!));
    cpSync(place, `${place}.last`, { recursive: true });
    const held = () =>
      ['trivy.db', 'metadata.json'].map((name) => readFileSync(join(place, 'cache/db', name), 'latin1'));
    const last = held();
    const whole = await does(...pull(sites[1]!));
    const next = held();
    expect(next[0]).not.toBe(last[0]);
    for (const killAfter of moments(whole.milliseconds)) {
      rmSync(place, { recursive: true });
      cpSync(`${place}.last`, place, { recursive: true });
      await runProcess(pull(sites[1]!), { killAfter });
      // As a run that was killed before it had the file's last name.
      writeFileSync(join(place, 'cache/db/metadata.json.0a117e384791.tmp'), '');
      const [database, metadata] = held();
      expect([last[0], next[0]]).toContain(database);
      // The database comes first: what says how new it is never runs ahead of it.
      expect(database === next[0] ? [last[1], next[1]] : [last[1]]).toContain(metadata);
      await does(...pull(sites[1]!));
      expect(held()).toEqual(next);
      expect(readdirSync(join(place, 'cache/db')).sort()).toEqual(['metadata.json', 'trivy.db']);
    }
  });
});
