import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '../../src/model/feed/index.ts';
import { dataPath, hasData } from '../support/data.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type CliOptions, runProcess } from './support/cli.ts';

const platforms = ['debian-12', 'rhel-9', 'ubuntu-22.04'];
const sample = resolve(import.meta.dirname, '../../feeds/sample');
/** Red Hat and Ubuntu are real documents, Debian those of the sample. */
const realHosts = ['security.access.redhat.com', 'security-metadata.canonical.com'];

let mirror: string;
let first: string;
const servers: ChildProcess[] = [];
/** On tmpfs a directory lists its newest entry first: another order of writing is another order of reading. */
const memory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'scapfeed-test-'));

/** Python's own server; the second form has other validators and dates than the first, and keeps back Last-Modified. */
const plainServer = `
from http.server import *
class Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_): pass
`;
const otherServer = `${plainServer}
    protocol_version = 'HTTP/1.1'
    def date_time_string(self, timestamp=None): return 'Sun, 06 Nov 1994 08:49:37 GMT'
    def send_header(self, name, value):
        if name != 'Last-Modified': super().send_header(name, value)
    def end_headers(self):
        self.send_header('ETag', '"%d"' % hash(self.path))
        super().end_headers()
`;

describe.skipIf(!hasData('mirror') || !hasOracle('python3', 'faketime'))(
  'the same documents, built twice',
  () => {
    beforeAll(async () => {
      mirror = temporaryFolder();
      for (const name of readdirSync(sample)) {
        if (name.endsWith('debian.org')) cpSync(join(sample, name), join(mirror, name), { recursive: true });
      }
      for (const name of realHosts) symlinkSync(dataPath('mirror', name), join(mirror, name));
      first = await build(mirror, { env: { TZ: 'UTC', LC_ALL: 'C' } });
      copyReversed(mirror, join(memory, 'mirror'));
    });

    afterAll(() => {
      for (const server of servers) server.kill();
      rmSync(memory, { recursive: true, force: true });
    });

    it('from a copy of the folder in another order, with other mtimes, five years later on another continent', async () => {
      const copy = join(memory, 'mirror');
      const again = await build(copy, {
        env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', ...fakeClock('2031-02-03 04:05:06') },
        umask: '077',
      });
      expectSame(again);
    });

    it("from python's http.server", async () => {
      expectSame(await build(await serve(plainServer, mirror), {}));
    });

    it('from a server with other ETags and another Date, without Last-Modified, by a clock of 2019', async () => {
      const env = { TZ: 'America/St_Johns', ...fakeClock('2019-12-31 23:59:58') };
      expectSame(await build(await serve(otherServer, join(memory, 'mirror')), { env }));
    });

    it('is dated by what the documents say, each platform by its own', () => {
      const { created, platforms: built } = manifestOf(first);
      const updated = new Map(built.map((platform) => [platform.id, platform.updated]));
      expect([...updated.keys()]).toEqual(platforms);
      // The newest DSA of the sample, the newest document of Red Hat's trees, the newest record of Ubuntu's OSV archive.
      expect(updated.get('debian-12')).toBe('2024-07-05T00:00:00Z');
      expect(updated.get('rhel-9')).toBe('2026-06-30T13:05:18Z');
      expect(updated.get('ubuntu-22.04')).toBe('2026-08-21T01:14:13Z');
      expect(created).toBe(updated.get('ubuntu-22.04'));
    });
  },
);

/** A build in a home of its own; the feed's folder. */
async function build(from: string, options: CliOptions): Promise<string> {
  const home = temporaryFolder();
  const out = join(home, 'feed');
  const args = [
    'build',
    '--source',
    'debian,redhat,ubuntu',
    '--mirror',
    from,
    '--unsigned-mirror',
    '--out',
    out,
    '--scap',
  ];
  const { code, err } = await runProcess([...args, ...platforms.flatMap((id) => ['--platform', id])], {
    ...options,
    env: { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), SCAPFEED_MIRROR: '', ...options.env },
  });
  expect(code, err).toBe(0);
  return out;
}

function expectSame(feed: string): void {
  expect(filesOf(feed)).toEqual(filesOf(first));
  const differing = filesOf(feed).filter(
    (file) => !readFileSync(join(feed, file)).equals(readFileSync(join(first, file))),
  );
  expect(differing).toEqual([]);
}

/** Variables of the command faketime. Set directly, so that the process that is started and killed is the build itself. */
function fakeClock(time: string): Record<string, string> {
  const { stdout } = spawnSync('faketime', [time, 'env'], { encoding: 'utf8' });
  const set = stdout.split('\n').filter((line) => /^(LD_PRELOAD|FAKETIME)=/.test(line));
  expect(set).toHaveLength(2);
  return Object.fromEntries([...set, 'FAKETIME_DONT_FAKE_MONOTONIC=1'].map((line) => line.split(/=(.*)/)));
}

async function serve(handler: string, folder: string): Promise<string> {
  const program = `${handler}
server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
`;
  const server = spawn('python3', ['-c', program], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
  servers.push(server);
  for await (const line of createInterface({ input: server.stdout! })) return `http://127.0.0.1:${line}`;
  throw new Error('the server did not start');
}

function manifestOf(feed: string): Manifest {
  return JSON.parse(readFileSync(join(feed, 'manifest.json'), 'utf8')) as Manifest;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile())
    .sort();
}

function copyReversed(from: string, to: string): void {
  const names = readdirSync(from).flatMap((host) =>
    filesOf(join(from, host)).map((file) => join(host, file)),
  );
  for (const [at, file] of names.reverse().entries()) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(from, file), join(to, file), { dereference: true });
    utimesSync(join(to, file), 1e9 + at * 86_400, 1e9 + at * 86_400);
  }
}
