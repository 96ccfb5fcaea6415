// Debian at full size: build, shard, scan and oscap on the OVAL of the same release.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { generateDebian, generateDpkgStatus } from './generate-debian.mjs';
import { besideNode, figure, measure, measurePair } from './support.mjs';

const osRelease =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';

export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-debian-'));
  try {
    return await figures(folder, quick);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function figures(folder, quick) {
  const mirror = join(folder, 'mirror');
  const feed = join(folder, 'feed');
  const root = join(folder, 'root');
  // Enough that oscap takes twenty times as long as a scan.
  const size = quick ? { sources: 2000, cves: 20_000, roster: 15_000 } : {};
  const made = generateDebian(mirror, size);
  writeRoot(root, size);
  return [
    ...(await buildFigures({ folder, mirror, feed, made, quick })),
    ...shardFigures(feed),
    ...(await scanFigures({ feed, root, runs: quick ? 9 : 21 })),
    ...(await oscapFigures({ feed, root, ...(quick ? { runs: 1, warmup: 0 } : { runs: 4 }) })),
  ];
}

function writeRoot(root, size) {
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), osRelease);
  writeFileSync(join(root, 'var/lib/dpkg/status'), generateDpkgStatus({ packages: 250, ...size }));
}

async function buildFigures({ folder, mirror, feed, made, quick }) {
  const snapshots = join(folder, 'snapshots');
  const args = [
    'dist/cli.cjs',
    'build',
    '--source',
    'debian',
    '--no-ratings',
    '--snapshots',
    snapshots,
    '--out',
    feed,
  ];
  const fetching = [...args, '--mirror', mirror, '--unsigned-mirror'];
  const once = { runs: 1, warmup: 0 };
  // The first run fills the snapshots; the second, offline, is the build that is measured. A quick run measures the first.
  if (!quick) await measure('node', [...fetching, '--no-oval'], once);
  const built = await measure('node', quick ? fetching : [...args, '--offline'], once);
  const tracker = join(mirror, 'security-tracker.debian.org/tracker/data/json');
  const script = `JSON.parse(require('fs').readFileSync(${JSON.stringify(tracker)},'utf8'))`;
  const parse = await measure('node', ['-e', script], { runs: 3 });
  const note = `${made.rows} tracker rows of ${made.sources} sources`;
  const reference = { reference: parse.wall, referenceName: 'JSON.parse of the tracker' };
  return [
    figure({
      name: 'full build, 5 releases, OVAL included',
      value: built.wall,
      unit: 's',
      ...reference,
      target: 15,
      kind: 'absolute',
      note,
    }),
    figure({
      name: 'peak memory of that build',
      value: built.rss,
      unit: 'MB',
      reference: parse.rss,
      target: 800,
      kind: 'absolute',
    }),
  ];
}

function shardFigures(feed) {
  const shard = readFileSync(join(feed, 'index/debian-12.jsonl'));
  const offsets = statSync(join(feed, 'index/debian-12.offsets.json')).size;
  const packed = brotliCompressSync(shard).length;
  const definitions = definitionCount(feed);
  return [
    figure({
      name: 'shard of a release, raw',
      value: (shard.length + offsets) / 1e6,
      unit: 'MB',
      target: 2.5,
      kind: 'absolute',
    }),
    figure({
      name: 'shard of a release, brotli',
      value: packed / 1e6,
      unit: 'MB',
      target: 0.5,
      kind: 'absolute',
    }),
    figure({
      name: 'definitions in the OVAL of a release',
      value: definitions,
      unit: '',
      target: 20_000,
      kind: 'absolute',
      atLeast: true,
    }),
  ];
}

function definitionCount(feed) {
  const text = readFileSync(join(feed, 'oval/debian-12.oval.xml'), 'latin1');
  return text.split('<definition class="vulnerability"').length - 1;
}

const scanArgs = (feed, root) => [
  'dist/cli.cjs',
  'scan',
  `dir:${root}`,
  '--feed',
  feed,
  '--max-age',
  '0',
  '--allow-uncovered',
];

async function scanFigures({ feed, root, runs }) {
  return besideNode('scan of 250 packages', scanArgs(feed, root), runs);
}

async function oscapFigures({ feed, root, ...repeated }) {
  const pair = await measurePair(
    { command: 'node', args: scanArgs(feed, root) },
    {
      command: 'oscap',
      args: ['oval', 'eval', '--skip-validation', join(feed, 'oval/debian-12.oval.xml')],
      env: { OSCAP_PROBE_ROOT: root },
    },
    repeated,
  );
  return [
    figure({
      name: 'the same scan beside oscap',
      value: pair.a.wall,
      unit: 's',
      reference: pair.a.wall / pair.wallRatio,
      referenceName: 'oscap oval eval',
      target: 1 / 20,
    }),
    figure({
      name: 'its memory beside oscap',
      value: pair.a.rss,
      unit: 'MB',
      reference: pair.a.rss / pair.rssRatio,
      referenceName: 'oscap oval eval',
      target: 1 / 4,
    }),
  ];
}
