// `npm run outputs -- FOLDER`: what some 300 command lines print and write on the sample data, one folder a line. Run it on two
// commits and compare with `diff -r`: a difference is a defect, or a line in CHANGELOG.md. Needs faketime, jq's neighbours of
// `npm run oracles`, and the SCAP Security Guide.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { lines, preparation } from './outputs/lines.mjs';
import { writeSampleImage } from './sample-image.mjs';
import { writeSampleHost, writeSampleUbi } from './sample-rhel.mjs';

const to = process.argv[2];
if (!to) {
  console.error('usage: npm run outputs -- FOLDER');
  process.exit(2);
}
const cli = join(import.meta.dirname, '../dist/cli.cjs');
const work = resolve(to, 'work');
const outputs = resolve(to, 'outputs');
/** Two at once on the machines that this runs on; the order of the folders does not depend on it. */
const atOnce = 2;

rmSync(to, { recursive: true, force: true });
mkdirSync(outputs, { recursive: true });
mkdirSync(join(work, 'home'), { recursive: true });
writeSampleImage(join(work, 'image'));
writeSampleUbi(join(work, 'ubi'));
writeSampleHost(join(work, 'rhel10'));
await cp(join(import.meta.dirname, '../feeds/sample'), join(work, 'mirror'), { recursive: true });

for (const line of preparation) await run(line, 'preparation');
const queue = lines.map((line, at) => [line, String(at + 1).padStart(3, '0')]);
await Promise.all(Array.from({ length: atOnce }, next));
console.log(`${lines.length} command lines in ${outputs}`);

async function next() {
  for (let job = queue.shift(); job; job = queue.shift()) await run(...job);
}

/** Runs a line: words separated by spaces; `@NAME` is a file in the line's own folder. */
async function run(line, number) {
  const name = `${number} ${line.replaceAll(/[^\w.@=-]+/g, ' ').slice(0, 100)}`.trim();
  const folder = join(outputs, name);
  mkdirSync(join(folder, 'files'), { recursive: true });
  writeFileSync(join(folder, 'command'), `${line}\n`);
  const args = line.split(' ').map((word) => word.replaceAll('@', `../outputs/${name}/files/`));
  const [stdout, stderr] = ['stdout', 'stderr'].map((stream) => openSync(join(folder, stream), 'w'));
  const code = await new Promise((done) => {
    // The data of the sample are of one day, and an age that a table prints must not grow.
    spawn('faketime', ['-f', '@2026-02-01 00:00:00', process.execPath, cli, ...args], {
      cwd: work,
      env: environment(),
      stdio: ['ignore', stdout, stderr],
    }).on('close', done);
  });
  for (const file of [stdout, stderr]) closeSync(file);
  writeFileSync(join(folder, 'exit'), `${code}\n`);
  if (number === 'preparation' && code !== 0) throw new Error(`${line}: exit ${code}, see ${folder}`);
}

function environment() {
  return {
    PATH: process.env.PATH,
    HOME: join(work, 'home'),
    TZ: 'UTC',
    LC_ALL: 'C.UTF-8',
    SCAPFEED_PASSPHRASE: 'a test, not a secret',
    SOURCE_DATE_EPOCH: '1769900000',
    NODE_OPTIONS: '--no-warnings',
  };
}
