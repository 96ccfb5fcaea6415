import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeArchive, removeArchive } from './image-archive.mjs';
import { slowLink } from './slow-link.mjs';
import { figure, measure, measurePair } from './support.mjs';

const cli = resolve(import.meta.dirname, '../dist/cli.cjs');

/** Share of the full image (470 MB packed, 1.27 GB unpacked) that a quick run makes. */
const quickScale = 0.1;

/** Reading of a large image: against gzip and wc on the same layers, and from a registry against skopeo. */
export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-image-'));
  try {
    const archive = await makeArchive(folder, { scale: quick ? quickScale : 1 });
    const runs = quick ? 3 : 5;
    return [
      ...(await archiveFigures(archive, { runs, quick })),
      ...(await registryFigures(folder, archive, { runs, quick })),
      ...(await partOfLayers(folder, archive, { quick })),
    ];
  } finally {
    removeArchive(folder);
  }
}

async function archiveFigures({ path, layers }, { runs, quick }) {
  const inventory = {
    command: process.execPath,
    args: [cli, 'inventory', `docker-archive:${path}`, '--no-cache', '-o', 'json'],
  };
  const gunzip = { command: 'sh', args: ['-c', `cat ${layers.join(' ')} | gzip -dc | wc -c`] };
  const { a, b } = await measurePair(inventory, gunzip, { runs, warmup: 1 });
  if (a.code !== 0) throw new Error(`inventory failed with exit code ${a.code}`);
  return [
    figure({
      name: 'inventory of a docker-archive with gzip layers',
      value: a.wall,
      unit: 's',
      reference: b.wall,
      referenceName: 'gzip -dc | wc -c',
      // Of a small image a part of the time is Node's start, and of a busy machine one processor is left.
      target: quick ? 0.7 : 0.5,
    }),
    figure({ name: 'its peak memory', value: a.rss, unit: 'MB', target: 110, kind: 'absolute' }),
  ];
}

/** The image in a registry of our own on the loopback; skopeo writes it to a tmpfs, where there is one. */
async function registryFigures(folder, { path, later }, { runs, quick }) {
  const registry = await startRegistry(folder);
  const target = mkdtempSync(join(sharedMemory(), 'scapfeed-bench-'));
  try {
    const image = `${registry.host}/bench/x:1`;
    const next = `${registry.host}/bench/x:2`;
    for (const [archive, place] of [
      [path, image],
      [later, next],
    ]) {
      const args = ['copy', '-q', '--dest-tls-verify=false', `oci-archive:${archive}`, `docker://${place}`];
      await measure('skopeo', args, { runs: 1, warmup: 0 });
    }
    const read = (place) => [cli, 'inventory', `registry:${place}`, '-o', 'json'];
    const inventory = { command: process.execPath, args: [...read(image), '--no-cache'] };
    const copy = {
      command: 'sh',
      args: [
        '-c',
        `rm -f ${target}/x.tar && skopeo copy -q --src-tls-verify=false docker://${image} docker-archive:${target}/x.tar:bench/x:1`,
      ],
    };
    const { a, b } = await measurePair(inventory, copy, { runs, warmup: 1 });
    if (a.code !== 0 || b.code !== 0)
      throw new Error(`inventory ended with ${a.code}, skopeo with ${b.code}`);
    return [
      figure({
        name: 'inventory of the same image from a local registry',
        value: a.wall,
        unit: 's',
        reference: b.wall,
        referenceName: 'skopeo copy to a docker-archive on tmpfs',
        target: 1,
      }),
      ...(await laterTag(target, { registry, read, runs, quick })),
    ];
  } finally {
    rmSync(target, { recursive: true, force: true });
    await registry.stop();
  }
}

/** Links over which a person may wait; `latency`: of a round trip, in ms. */
const links = [
  { name: '100 Mbit/s', bitsPerSecond: 1e8, latency: 20 },
  { name: '1 Gbit/s', bitsPerSecond: 1e9, latency: 4 },
];

/** The next tag, with what the layers of the first say in the cache but not their bytes, against reading it for the first time. */
async function laterTag(folder, { registry, read, runs, quick }) {
  const [known, cache] = [join(folder, 'known'), join(folder, 'cache')];
  const run = (host, tag, home) => ({
    command: process.execPath,
    args: read(`${host}/bench/x:${tag}`),
    env: { XDG_CACHE_HOME: home },
  });
  const { command, args, env } = run(registry.host, 1, known);
  await measure(command, args, { runs: 1, warmup: 0, env });
  const forget = () => rmSync(cache, { recursive: true, force: true });
  // Removing the bytes that the other run kept is no part of either.
  const restore = () => {
    forget();
    cpSync(join(known, 'scapfeed/layers'), join(cache, 'scapfeed/layers'), { recursive: true });
  };
  const pairOver = async (host, times) => {
    const warm = { ...run(host, 2, cache), before: restore };
    const cold = { ...run(host, 2, cache), before: forget };
    const { a, b } = await measurePair(warm, cold, times);
    if (a.code !== 0 || b.code !== 0) throw new Error(`inventory ended with ${a.code} and ${b.code}`);
    return { a, b };
  };
  const name = 'the next tag, of which 95 % of the bytes are known';
  const referenceName = 'the same for the first time';
  const { a, b } = await pairOver(registry.host, { runs, warmup: 1 });
  const figures = [
    // Of a small image most of the time is Node's start.
    figure({
      ...{ name: `${name}: processor time`, value: a.cpu, unit: 's', reference: b.cpu, referenceName },
      target: quick ? 0.8 : 0.1,
    }),
  ];
  if (quick) return figures;
  for (const link of links) {
    const { port, stop } = await slowLink(Number(registry.host.split(':')[1]), link);
    try {
      const { a, b } = await pairOver(`127.0.0.1:${port}`, { runs: 2, warmup: 0 });
      figures.push(
        figure({
          ...{
            name: `${name}: over ${link.name}`,
            value: a.wall,
            unit: 's',
            reference: b.wall,
            referenceName,
          },
          target: link.bitsPerSecond > 5e8 ? 0.15 : 0.1,
        }),
      );
    } finally {
      await stop();
    }
  }
  return figures;
}

/**
 * The image again, as zstd:chunked, in a registry of its own, from which skopeo takes no other layers: what is fetched when they are read
 * by their tables of contents.
 */
async function partOfLayers(folder, { path }, { quick }) {
  const own = join(folder, 'chunked');
  mkdirSync(own);
  const registry = await startRegistry(own);
  try {
    const place = `${registry.host}/bench/chunked:1`;
    const format = ['--dest-tls-verify=false', '--dest-compress-format', 'zstd:chunked'];
    execFileSync('skopeo', ['copy', '-q', ...format, `oci-archive:${path}`, `docker://${place}`]);
    const args = [cli, 'inventory', `registry:${place}`, '-o', 'json', '--no-cache', '--partial-layers'];
    execFileSync(process.execPath, args, { stdio: 'ignore' });
    const answers = registry.served();
    const sent = answers.reduce((sum, size) => sum + size, 0) / 1e6;
    const name = 'the same image as zstd:chunked, read by its tables of contents';
    return [
      // A tenth of the files has a tenth of the table.
      figure({ name: `${name}: bytes`, value: sent, unit: 'MB', target: quick ? 0.5 : 3, kind: 'absolute' }),
      figure({ name: `${name}: requests`, value: answers.length, unit: '', target: 15, kind: 'absolute' }),
    ];
  } finally {
    await registry.stop();
  }
}

async function startRegistry(folder) {
  const host = `127.0.0.1:${await freePort()}`;
  const data = join(folder, 'registry');
  const config = join(folder, 'registry.yml');
  mkdirSync(data);
  writeFileSync(
    config,
    `version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: ${data}\nhttp:\n  addr: ${host}\n`,
  );
  const log = join(folder, 'registry.log');
  const output = openSync(log, 'a');
  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', output, output] });
  closeSync(output);
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(`http://${host}/v2/`).catch(() => undefined)) break;
    await sleep(100);
  }
  return {
    host,
    /** Bytes of the bodies of all answers to scapfeed, in the order of the requests. */
    served: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('"scapfeed"'))
        .map((line) => Number(/" \d{3} (\d+) "/.exec(line)?.[1])),
    stop: () =>
      new Promise((done) => {
        child.once('exit', done);
        child.kill();
      }),
  };
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Linux's tmpfs for everybody. */
function sharedMemory() {
  return existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
}
