// Ubuntu at full size: the build from 55,000 OSV records, a tenth of them of kernels, with OVAL; its shards, the tracker,
// a scan.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { generateUbuntu } from './generate-ubuntu.mjs';
import { besideNode, figure, measure } from './support.mjs';

const data = process.env.SCAPFEED_TEST_DATA ?? resolve(import.meta.dirname, '../../shared/data');
const recordedTracker = join(data, 'ubuntu/ubuntu-cve-tracker-2020-06.tar.gz');
const osvPath = 'security-metadata.canonical.com/osv/osv-all.tar.xz';
const trackerPath = 'git.launchpad.net/ubuntu-cve-tracker/snapshot/ubuntu-cve-tracker-master.tar.gz';

export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-ubuntu-'));
  try {
    const feed = join(folder, 'feed');
    return [
      ...(await buildFigures(folder, feed, quick)),
      shardFigure(feed),
      ...(existsSync(recordedTracker) ? await trackerFigures(folder, quick) : []),
      ...(await scanFigures(folder, feed, quick ? 9 : 21)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first run fills the snapshots; those behind it, offline, are measured. A quick run measures the first. */
async function build(folder, mirror, feed, { quick, runs, options = [] }) {
  const snapshots = ['--snapshots', join(folder, `snapshots-${mirror}`)];
  const args = ['dist/cli.cjs', 'build', '--source', 'ubuntu', '--out', feed, ...snapshots];
  const fetching = [...args, '--mirror', join(folder, mirror), '--unsigned-mirror'];
  if (quick) return measure('node', [...fetching, ...options], { runs: 1, warmup: 0 });
  await measure('node', [...fetching, '--no-oval'], { runs: 1, warmup: 0 });
  return measure('node', [...args, ...options, '--offline'], { runs, warmup: 0 });
}

async function buildFigures(folder, feed, quick) {
  const mirror = join(folder, 'mirror');
  const made = await generateUbuntu(mirror, quick ? 2000 : 55_000);
  const built = await build(folder, 'mirror', feed, { quick, runs: 1 });
  const archive = join(mirror, osvPath);
  const unpacked = await measure('sh', ['-c', `xz -dc ${archive} | wc -c`], { runs: 1, warmup: 0 });
  const note = `${made.records} records, ${made.entries} entries, ${(made.bytes / 1e9).toFixed(1)} GB unpacked`;
  return [
    figure({
      name: 'full build, OVAL included',
      value: built.wall,
      unit: 's',
      reference: unpacked.wall,
      referenceName: 'xz -dc | wc -c',
      target: quick ? 3 : 60,
      kind: 'absolute',
      note,
    }),
    figure({
      name: 'peak memory of that build',
      value: built.rss,
      unit: 'MB',
      target: 900,
      kind: 'absolute',
    }),
  ];
}

function shardFigure(feed) {
  const index = join(feed, 'index');
  const shards = readdirSync(index).filter((name) => /^ubuntu-.*\.jsonl$/.test(name));
  const sizes = shards
    .map((name) => [statSync(join(index, name)).size / 1e6, name])
    .sort((a, b) => b[0] - a[0]);
  const note = sizes.map(([size, name]) => `${name.slice(7, 12)}: ${size.toFixed(1)}`).join(', ');
  return figure({
    name: 'largest shard, raw',
    value: sizes[0][0],
    unit: 'MB',
    target: 4,
    kind: 'absolute',
    note,
  });
}

/** What the tracker's 12,380 files add to a build. */
async function trackerFigures(folder, quick) {
  for (const mirror of ['bare', 'tracked']) {
    await generateUbuntu(join(folder, mirror), 2);
  }
  put(join(folder, 'tracked', trackerPath), (path) => copyFileSync(recordedTracker, path));
  const how = { quick, runs: 5, options: ['--no-oval'] };
  const bare = await build(folder, 'bare', join(folder, 'feed-bare'), how);
  const tracked = await build(folder, 'tracked', join(folder, 'feed-tracked'), how);
  const unpacked = await measure('sh', ['-c', `gzip -dc ${recordedTracker} | wc -c`], { runs: 3 });
  return [
    figure({
      name: "the tracker's 12,380 files",
      value: tracked.wall - bare.wall,
      unit: 's',
      reference: unpacked.wall,
      referenceName: 'gzip -dc | wc -c',
      target: 3,
      kind: 'absolute',
    }),
  ];
}

async function scanFigures(folder, feed, runs) {
  const root = join(folder, 'root');
  put(join(root, 'etc/os-release'), (path) =>
    writeFileSync(
      path,
      'ID=ubuntu\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\nPRETTY_NAME="Ubuntu 22.04 LTS"\n',
    ),
  );
  put(join(root, 'var/lib/dpkg/status'), (path) => writeFileSync(path, dpkgStatus(400)));
  const scan = ['dist/cli.cjs', 'scan', `dir:${root}`, '--feed', feed, '--max-age', '0', '--allow-uncovered'];
  return besideNode('scan of 400 packages', scan, runs);
}

/** An image of some hundred flaws: the kernel's headers, and packages that are mostly up to date. */
function dpkgStatus(packages) {
  const stanza = (name, source, version) =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nSource: ${source}\nVersion: ${version}\n\n`;
  const plain = Array.from({ length: packages - 1 }, (_, n) => {
    const version = n % 8 === 0 ? '1.5.0-1ubuntu0.1' : '1.60.0-1ubuntu0.1';
    return stanza(`libsource${n}-0`, `source${800 + n * 7}`, version);
  });
  return [stanza('linux-libc-dev', 'linux', '5.15.0-200.210'), ...plain].join('');
}

function put(path, write) {
  mkdirSync(dirname(path), { recursive: true });
  write(path);
}
