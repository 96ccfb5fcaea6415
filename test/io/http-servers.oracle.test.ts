import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { readAll } from '../../src/io/bytes.ts';
import { createHttp } from '../../src/io/http/create-http.ts';
import { closingServer, nginx, pythonServer } from '../jobs/support/web-servers.ts';
import { compiledOnce, project, withoutSteps } from '../support/cli.ts';
import { hasOracle } from '../support/oracles.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { share } from '../support/trials.ts';

/** Servers that we did not write, in the ways they end an answer. */
const servers: [string, (folder: string) => Promise<string>][] = [
  ['nginx', (folder) => nginx(folder)],
  ['nginx that closes every connection', (folder) => nginx(folder, 'keepalive_timeout 0;')],
  ['nginx that compresses in chunks', (folder) => nginx(folder, 'gzip on; gzip_types *; gzip_proxied any;')],
  [
    'nginx that compresses and closes',
    (folder) => nginx(folder, 'keepalive_timeout 0; gzip on; gzip_types *;'),
  ],
  ["Python's server, HTTP/1.0", pythonServer],
  ["Python's server, HTTP/1.1 with Connection: close", closingServer],
  ["Python's server without lengths", (folder) => closingServer(folder, { lengths: false })],
];

const builtFrom = share(servers, 3).map(([name]) => name);

/** Around what a socket and a reader hold. */
const sizes = [1000, 65_536, 131_072, 300_000, 4_000_000];

describe.skipIf(!hasOracle('nginx', 'python3')).each(servers)('%s', (name, serve) => {
  const folder = temporaryFolder();
  // Twice a server's buffers and more; half of it compresses.
  const large = Buffer.concat([randomBytes(8e6), Buffer.alloc(8e6, 'text\n')]);
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  let origin: string;
  beforeAll(async () => {
    writeFileSync(join(folder, 'large'), large);
    writeFileSync(join(folder, 'empty'), '');
    for (const size of sizes) writeFileSync(join(folder, `${size}`), large.subarray(0, size));
    origin = await serve(folder);
  });

  it('gives whole documents to readers that fall behind', async () => {
    const http = createHttp({ env: {}, limits: { retries: 0 } });
    try {
      const read = async (name: string, every: number) => {
        const answer = await http.get(`${origin}/${name}`);
        if (answer.notModified) throw new Error('unasked 304');
        const hash = createHash('sha256');
        let pieces = 0;
        for await (const piece of answer.body) {
          hash.update(piece);
          pieces += 1;
          if (pieces % every === 0) await pause(2);
        }
        return hash.digest('hex');
      };
      const found = await Promise.all([1, 3, 7, 50].map((every) => read('large', every)));
      expect(new Set(found)).toEqual(new Set([digest(large)]));
      expect(await read('empty', 1)).toBe(digest(Buffer.alloc(0)));
    } finally {
      await http.close();
    }
  });

  it('gives answers that are read late, after the server has closed', async () => {
    const http = createHttp({ env: {}, limits: { retries: 0 } });
    const answers = await Promise.all(sizes.map((size) => http.get(`${origin}/${size}`)));
    await pause(300);
    const found = answers.map(async (answer) => {
      if (answer.notModified) throw new Error('unasked 304');
      return (await readAll(answer.body, { maxBytes: 1e7, code: 'FETCH_TOO_LARGE', where: 'x' })).length;
    });
    expect(await Promise.all(found)).toEqual(sizes);
    await http.close();
  });

  // Some of the servers in each run; the tests above read the same ways from all of them.
  if (builtFrom.includes(name))
    it('is a mirror to build from, by the command: documents as large as the real ones', async () => {
      const url = await serve(largeSample());
      const built = await run(
        'build',
        '--source',
        'debian',
        '--no-oval',
        '--mirror',
        url,
        '--unsigned-mirror',
      );
      expect(built).toMatchObject({ code: 0, err: '' });
      expect(built.out).toContain('289 records in = 280 used');
    });
});

let largeMirror: string | undefined;

/** The sample with a tracker of 40 MB and indexes of 6 MB; made once, as every server only reads it. */
function largeSample(): string {
  largeMirror ??= makeLargeSample();
  return largeMirror;
}

function makeLargeSample(): string {
  const mirror = temporaryFolder();
  cpSync(join(project, 'feeds/sample'), mirror, { recursive: true });
  const tracker = join(mirror, 'security-tracker.debian.org/tracker/data/json');
  const blanks = `${' '.repeat(79)}\n`.repeat(500_000);
  writeFileSync(
    tracker,
    readFileSync(tracker, 'utf8').replace(/\}\s*$/, () => `${blanks}}\n`),
  );
  for (const suite of ['bullseye', 'bookworm', 'trixie', 'sid']) {
    const index = join(mirror, `ftp.debian.org/debian/dists/${suite}/main/binary-amd64/Packages.gz`);
    const strangers = Array.from({ length: 12 }, (_, at) => {
      const lines = randomBytes(500_000)
        .toString('base64')
        .replace(/.{1,76}/g, '\n $&');
      return `Package: stranger${at}\nVersion: 1\nDescription: long${lines}\n\n`;
    });
    const text = strangers.join('') + gunzipSync(readFileSync(index)).toString();
    writeFileSync(index, gzipSync(text, { level: 1 }));
  }
  return mirror;
}

/** Beside the servers, which spawnSync would not let answer if they were ours. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const folder = temporaryFolder();
  const places = ['--snapshots', join(folder, 'snapshots'), '--out', join(folder, 'feed')];
  const child = spawn(process.execPath, [join(project, 'dist/cli.cjs'), ...args, ...places], {
    env: { PATH: process.env['PATH'], HOME: folder, ...compiledOnce, ...withoutSteps },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece) => {
    out += piece;
  });
  child.stderr.on('data', (piece) => {
    err += piece;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}
