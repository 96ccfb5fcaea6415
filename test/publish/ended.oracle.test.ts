import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { debianRelease, rootWith, stanza } from '../support/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { shareOf, turn } from '../support/trials.ts';
import { runProcess } from './support/cli.ts';
import { makePublisher, type Publisher, writeNight } from './support/publisher.ts';

/** Moments at which a run is ended, evenly over its time: a share of sixty, one by each signal. */
const all = 60;
const chosen = shareOf(all, 3);
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const sample = resolve(import.meta.dirname, '../../feeds/sample');

/** Names of files that exist only while a command runs. */
const unfinished = /\.tmp$|staging|\.link$|(?:^|[./])lock$|\.dead$|pending|^scapfeed-/;

let publisher: Publisher;
let night: string;
let pinned: string;
let archive: string;

beforeAll(async () => {
  publisher = await makePublisher(new Date());
  night = writeNight(400);
  await publisher.publish([night], { date: new Date() });
  const folder = temporaryFolder();
  pinned = join(folder, 'root.json');
  writeFileSync(pinned, publisher.root);
  const root = rootWith({
    'etc/os-release': debianRelease('12', 'bookworm'),
    'var/lib/dpkg/status': Array.from({ length: 400 }, (_, at) => stanza(`package-${at}`, '1')).join(''),
  });
  archive = join(folder, 'root.tar');
  execFileSync('tar', ['-C', root, '-cf', archive, '.']);
});

/** Arguments of a command whose outputs are below a folder. */
const commands: Record<string, (work: string) => string[]> = {
  'scan of an archive': (work) => [
    ...['scan', `tar:${archive}`, `tar:${archive}`, '--feed', night, '--max-age', '0', '--allow-uncovered'],
    ...['-o', `json=${join(work, 'result.json')}`],
  ],
  build: (work) => [
    ...['build', '--source', 'debian', '--mirror', sample, '--unsigned-mirror'],
    ...['--snapshots', join(work, 'snapshots'), '--out', join(work, 'feed')],
  ],
  publish: (work) => [
    ...['publish', '--feed', night, '--to', join(work, 'site'), '--keys', publisher.store.directory],
  ],
  pull: (work) => ['pull', '--from', publisher.site, '--trust-root', pinned, '--out', join(work, 'feed')],
  bundle: (work) => [...['bundle', '--from', publisher.site, '--out', join(work, 'feed.tar')]],
  export: (work) => ['export', '--feed', night, '--to', 'trivy', '--out', join(work, 'exports')],
};

describe('a command that a signal ends leaves nothing unfinished', () => {
  it.each(Object.keys(commands))('%s', { timeout: 150_000 + 15_000 * chosen.length }, async (name) => {
    const run = async (options: { killAfter?: number; killBy?: NodeJS.Signals } = {}) => {
      const work = temporaryFolder();
      const temporary = join(work, 'tmp');
      mkdirSync(temporary);
      const ran = await runProcess(commands[name]!(work), {
        ...options,
        env: { TMPDIR: temporary, HOME: join(work, 'home') },
      });
      const files = readdirSync(work, { recursive: true, encoding: 'utf8' });
      expect(
        files.filter((file) => unfinished.test(file) || file.startsWith('tmp/')),
        `${options.killBy} after ${options.killAfter} ms`,
      ).toEqual([]);
      return ran;
    };
    const whole = await run();
    expect([0, 1], whole.err).toContain(whole.code);
    let ended = 0;
    for (const [number, at] of chosen.entries()) {
      const killBy = signals[(number + turn) % signals.length]!;
      const ran = await run({ killBy, killAfter: (whole.milliseconds * (at + Math.random())) / all });
      if (ran.signal === null) expect(ran.code).toBe(whole.code);
      else {
        expect(ran.signal).toBe(killBy);
        ended += 1;
      }
    }
    expect(ended).toBeGreaterThan(0);
  });
});
