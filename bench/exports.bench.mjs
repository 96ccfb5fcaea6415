// Exports of a feed of three vendors: time and memory of all layouts, and the size of Trivy's database.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { generateDebian } from './generate-debian.mjs';
import { generateRedHat } from './generate-redhat.mjs';
import { generateUbuntu } from './generate-ubuntu.mjs';
import { figure, measure } from './support.mjs';

const cli = resolve(import.meta.dirname, '../dist/cli.cjs');
const targets = 'trivy,grype,osv,debsecan,notus';

export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-exports-'));
  try {
    const feed = await makeFeed(folder, quick);
    const out = join(folder, 'exports');
    const args = [cli, 'export', '--feed', feed, '--to', targets, '--out', out];
    const { wall, cpu, rss, code, errors } = await measure(process.execPath, args, { runs: 1, warmup: 0 });
    if (code !== 0) throw new Error(`export ended with ${code}: ${errors}`);
    const { size, apart } = boltSizes(readFileSync(join(out, 'trivy/trivy.db')));
    return [
      figure({
        name: `export of ${targets}`,
        value: wall,
        unit: 's',
        target: quick ? undefined : 60,
        kind: 'absolute',
        note: `${cpu.toFixed(1)} s of processor time`,
      }),
      figure({
        name: 'peak memory of the export',
        value: rss,
        unit: 'MB',
        target: quick ? undefined : 800,
        kind: 'absolute',
      }),
      figure({
        name: 'trivy.db, small buckets in the page of their parent',
        value: size,
        unit: 'B',
        reference: apart,
        referenceName: 'each bucket in a page of its own',
        target: 0.6,
        kind: 'ratio',
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeFeed(folder, quick) {
  const mirror = join(folder, 'mirror');
  const feed = join(folder, 'feed');
  generateDebian(mirror);
  await generateUbuntu(mirror, quick ? 2000 : 55_000);
  await generateRedHat(mirror, quick ? { documents: 300, bytes: 2e7 } : {});
  const args = [
    cli,
    'build',
    '--source',
    'debian,redhat,ubuntu',
    '--mirror',
    mirror,
    '--unsigned-mirror',
    '--no-oval',
  ];
  const { code, errors } = await measure(
    process.execPath,
    [...args, '--snapshots', join(folder, 'snapshots'), '--out', feed],
    { runs: 1, warmup: 0 },
  );
  if (code !== 0) throw new Error(`build ended with ${code}: ${errors}`);
  return feed;
}

const page = 4096;

/** The size of a bbolt file, and what it would be if every inline bucket had a page of its own. */
function boltSizes(file) {
  const root = Number(file.readBigUInt64LE(page + 16 + 16));
  let apart = file.length;
  const walk = (bytes) => {
    const [flags, count] = [bytes.readUInt16LE(8), bytes.readUInt16LE(10)];
    for (let at = 0; at < count; at++) {
      const element = 16 + at * 16;
      if (flags === 1) {
        walk(file.subarray(Number(bytes.readBigUInt64LE(element + 8)) * page));
        continue;
      }
      if (bytes.readUInt32LE(element) !== 1) continue;
      const start = element + bytes.readUInt32LE(element + 4) + bytes.readUInt32LE(element + 8);
      const child = Number(bytes.readBigUInt64LE(start));
      if (child !== 0) walk(file.subarray(child * page));
      else apart += page - (bytes.readUInt32LE(element + 12) - 16);
    }
  };
  walk(file.subarray(root * page));
  return { size: file.length, apart };
}
