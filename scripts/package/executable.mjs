// The single executable: Node with our start, our programs and what they read.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { writeSampleImage } from '../sample-image.mjs';
import { withBlob } from './elf.mjs';
import { architectures, bringNode } from './nodes.mjs';
import { digestOf, embeddedPrograms, startProgram, startPrograms } from './programs.mjs';
import { smallest } from './smallest.mjs';

/** What opens images with layers, for any command. */
const layered = 'open-layered-image.cjs';
/** Programs that a short scan reads: uncompressed, with V8's code cache. */
const quick = [...startPrograms, layered];

/** Everything that is embedded, whatever the architecture, and its form there. Programs are compressed unless a scan reads them. */
export async function embeddedFiles(licences) {
  const files = new Map();
  for (const [path, code] of await embeddedPrograms()) files.set(path, Buffer.from(code, 'latin1'));
  for (const folder of ['schemas/xml', 'feeds/sample', 'dist/page']) {
    for (const name of readdirSync(folder, { recursive: true }).sort()) {
      const path = join(folder, name);
      if (statSync(path).isFile()) files.set(path, readFileSync(path));
    }
  }
  // PostgreSQL for a fleet that has no server (src/fleet/store/embedded.ts).
  for (const name of ['pglite.wasm', 'initdb.wasm', 'pglite.data'])
    files.set(`packages/pglite/${name}`, readFileSync(join('node_modules/@electric-sql/pglite/dist', name)));
  files.set('licenses.txt', Buffer.from(licences));
  files.set('digest', Buffer.from(digestOf(files)));
  return { start: await startProgram(), files, assets: assetsOf(files) };
}

/**
 * Few assets, because Node reads the names of all at each start, and with a name the kernel maps 64 KiB around it: as 629 assets
 * these took 6 MB. What is compressed is one asset, and one more has each file's place in it (src/io/embedded.ts).
 */
function assetsOf(files) {
  const assets = new Map();
  const parts = [];
  const places = [];
  let at = 0;
  for (const [path, bytes] of files) {
    if (quick.includes(path)) {
      assets.set(path, bytes);
      continue;
    }
    const part = smallest(bytes);
    parts.push(part);
    places.push([path, [at, at + part.length]]);
    at += part.length;
  }
  return assets.set('files', Buffer.concat(parts)).set('places', Buffer.from(JSON.stringify(places)));
}

/** The bytes of the executable. Node and V8 make the same of the same: a fixed seed, and no two threads that race. */
export function makeExecutable(architecture, { start, files, assets: embedded }) {
  const { node } = bringNode(architecture);
  const runner = [...architectures[architecture].runner, node];
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-package-'));
  try {
    const at = (...names) => join(folder, ...names);
    writeFileSync(at('start.cjs'), start);
    for (const [path, bytes] of files) write(at('plain', path), bytes);
    // The training reads all of them as they are.
    write(at('plain', 'places'), '[]');
    train(runner, folder);
    const assets = {};
    for (const [key, bytes] of embedded) {
      assets[key] = join('assets', key);
      write(at('assets', key), bytes);
    }
    for (const begun of startPrograms) {
      // compile opens no image.
      const used = existsSync(at('caches', begun, `${layered}.cache`)) ? [begun, layered] : [begun];
      for (const path of used) assets[`${begun}/${path}.cache`] = join('caches', begun, `${path}.cache`);
    }
    const config = {
      // Paths below the folder, because the blob has them.
      main: 'start.cjs',
      output: 'blob',
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      // Options of the caller's own Node programs are not for this one.
      execArgvExtension: 'none',
      // import() of an embedded module (src/cli/start-executable.ts).
      execArgv: ['--disable-warning=ExperimentalWarning'],
      assets,
    };
    writeFileSync(at('config.json'), JSON.stringify(config));
    run([...runner, '--predictable', '--experimental-sea-config', 'config.json'], folder);
    return withBlob(readFileSync(node), readFileSync(at('blob')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A package with flaws. */
const stanza = `Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9

`;

/** Runs what users run most on the sample, so that V8 compiles what that needs, and keeps it in `caches`. */
function train(runner, folder) {
  const cli = resolve('dist/cli.cjs');
  const feed = join(folder, 'feed');
  const image = join(folder, 'image');
  writeSampleImage(image);
  const source = [
    '--source',
    'debian',
    '--no-ratings',
    '--mirror',
    resolve('feeds/sample'),
    '--unsigned-mirror',
  ];
  run(
    [process.execPath, cli, 'build', ...source, '--snapshots', join(folder, 'snapshots'), '--out', feed],
    folder,
  );
  const asExecutable = [
    ...[...runner, '--predictable', '--disable-warning=ExperimentalWarning'],
    ...[
      resolve('scripts/package/train.cjs'),
      join(folder, 'start.cjs'),
      join(folder, 'plain'),
      join(folder, 'caches'),
    ],
  ];
  const subject = `oci:${image}:sample`;
  const oval = join(feed, 'oval/debian-12.oval.xml');
  const compiled = join(folder, 'compiled.jsonl');
  run([...asExecutable, 'compile', oval, '--output', compiled], folder);
  for (const content of [oval, compiled])
    run([...asExecutable, 'eval', subject, '--content', content], folder);
  const root = join(folder, 'root');
  write(join(root, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
  write(join(root, 'var/lib/dpkg/status'), stanza);
  for (const image of [subject, `dir:${root}`]) {
    run([...asExecutable, 'scan', image, '--feed', feed, '--max-age', '0'], folder);
    run([...asExecutable, 'inventory', image], folder);
  }
}

function run([command, ...args], cwd) {
  // One thread of libuv as well: which of two files is read first shows in what V8 keeps of a function.
  const env = { PATH: process.env.PATH, HOME: cwd, TZ: 'UTC', UV_THREADPOOL_SIZE: '1' };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}${error ?? ''}\nexit code ${status}`);
}

function write(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
