import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { makeArchive, removeArchive } from './image-archive.mjs';
import { figure, measurePair } from './support.mjs';

const cli = resolve(import.meta.dirname, '../dist/cli.cjs');

/** Shares of the full sizes that a quick run makes: of a smaller root it would measure the start of Node. */
const quickScale = { root: 0.2, archive: 0.1 };

/** Packages of the root file system, files of each, and the mean of their bytes: a large Debian image. */
const full = { packages: 300, files: 50, bytes: 40_000 };

/** Every file of an image against its packages: beside dpkg on the same root, and beside gzip and md5sum on the same layers. */
export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-verify-'));
  const { root, archive } = quick ? quickScale : { root: 1, archive: 1 };
  const runs = quick ? 3 : 5;
  try {
    return [...(await rootFigures(folder, root, runs)), ...(await archiveFigures(folder, archive, runs))];
  } finally {
    removeArchive(folder);
  }
}

async function rootFigures(folder, scale, runs) {
  if (!existsSync('/usr/bin/dpkg')) return [];
  const root = join(folder, 'root');
  makeRoot(root, { ...full, packages: full.packages * scale });
  const ours = { command: process.execPath, args: [cli, 'verify', `dir:${root}`, '--fail-on', 'any'] };
  const theirs = { command: 'dpkg', args: [`--root=${root}`, '--verify'] };
  const { a, b, wallRatio } = await measurePair(ours, theirs, { runs, warmup: 1 });
  if (a.code !== 0 || b.code !== 0) throw new Error(`verify ended with ${a.code}, dpkg with ${b.code}`);
  rmSync(root, { recursive: true });
  return [
    figure({
      name: `verify, a root file system of ${full.packages * scale} packages`,
      value: b.wall * wallRatio,
      unit: 's',
      reference: b.wall,
      referenceName: 'dpkg --verify',
      target: 3,
    }),
    figure({ name: 'its peak memory', value: a.rss, unit: 'MB', target: 150, kind: 'absolute' }),
  ];
}

async function archiveFigures(folder, scale, runs) {
  const { path, layers } = await makeArchive(folder, { scale });
  const ours = {
    command: process.execPath,
    args: [cli, 'verify', `docker-archive:${path}`, '--allow-uncovered', '-o', 'json'],
  };
  // What the layers need of any tool: to be inflated, the digest of each checked, each file hashed in two algorithms.
  const hashes = `gzip -dc ${layers.join(' ')} | tee >(sha256sum) >(md5sum) | sha256sum`;
  const theirs = { command: 'bash', args: ['-c', hashes] };
  const { a, b, wallRatio } = await measurePair(ours, theirs, { runs, warmup: 1 });
  if (a.code !== 0) throw new Error(`verify ended with ${a.code}`);
  return [
    figure({
      name: 'verify, a docker-archive with gzip layers',
      value: b.wall * wallRatio,
      unit: 's',
      reference: b.wall,
      referenceName: 'gzip -dc | sha256sum, sha256sum, md5sum at once',
      target: 1.2,
    }),
    figure({ name: 'its peak memory', value: a.rss, unit: 'MB', target: 150, kind: 'absolute' }),
  ];
}

/** A root file system whose packages own all of its files, as dpkg's database says. */
function makeRoot(root, { packages, files, bytes }) {
  const pool = Buffer.alloc(4 * bytes, 'contents of a file that a package brought\n');
  const write = (path, content) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const status = [];
  for (let at = 0; at < packages; at++) {
    const name = `package${at}`;
    const list = ['/.'];
    const sums = [];
    for (let file = 0; file < files; file++) {
      const path = `usr/share/${name}/file${file}`;
      const size = (bytes / 2 + (((at * files + file) * 7919) % bytes)) | 0;
      const content = Buffer.concat([Buffer.from(path), pool.subarray(0, size)]);
      write(path, content);
      list.push(`/${path}`);
      sums.push(`${createHash('md5').update(content).digest('hex')}  ${path}\n`);
    }
    write(`var/lib/dpkg/info/${name}.list`, list.map((path) => `${path}\n`).join(''));
    write(`var/lib/dpkg/info/${name}.md5sums`, sums.join(''));
    status.push(
      `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n` +
        'Maintainer: Nobody <nobody@example.org>\nDescription: a package\n\n',
    );
  }
  write('var/lib/dpkg/status', status.join(''));
  write('etc/os-release', 'ID=debian\nVERSION_ID="12"\n');
}
