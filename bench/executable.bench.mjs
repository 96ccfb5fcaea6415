// The single executable beside `node -e 0` of the Node that is in it.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bringNode } from '../scripts/package/nodes.mjs';
import { generateDebian, generateDpkgStatus } from './generate-debian.mjs';
import { figure, measure, measurePair } from './support.mjs';

const osRelease =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';

export async function run({ quick, release }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-executable-'));
  try {
    return await figures(folder, release ?? makeRelease(folder), quick);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function figures(folder, release, quick) {
  // A file written in one piece is mapped in pages of 2 MB (docs/decisions/035-single-executable.md); an installed one is not.
  const command = join(folder, 'scapfeed');
  copyFileSync(join(release, `scapfeed-linux-${process.arch}`), command);
  const { node } = bringNode(process.arch);
  const scan = await scanArguments(folder, quick);
  const beside = (args) =>
    measurePair({ command, args }, { command: node, args: ['-e', '0'] }, { runs: quick ? 9 : 31 });
  const version = await beside(['--version']);
  const scanned = await beside(scan);
  const packed = await measurePair(
    { command, args: scan },
    { command: 'node', args: ['dist/cli.cjs', ...scan] },
    { runs: quick ? 9 : 31 },
  );
  for (const { code } of [scanned.a, packed.a, packed.b]) {
    if (code !== 0) throw new Error(`the scan ended with ${code}`);
  }
  const sameNode = 'node -e 0 of the same Node';
  return [
    time('--version of the executable', version, sameNode, 1.2),
    time('scan of 250 packages by the executable', scanned, sameNode, 2.8),
    time('scan of 250 packages by the executable', packed, 'the npm command', 1.1, 'asked: 1.0'),
    figure({
      name: 'its peak memory, with the pages of the file that the kernel maps',
      value: scanned.a.rss,
      unit: 'MB',
      reference: scanned.b.rss,
      referenceName: 'node -e 0',
      target: 58,
      kind: 'absolute',
      note: 'asked: 56',
    }),
  ];
}

/** Makes the executables where no release is named. */
function makeRelease(folder) {
  const dist = join(folder, 'dist');
  const only = ['--executables-only', '--architecture', process.arch];
  execFileSync('node', ['scripts/package.mjs', '--out', dist, ...only], { stdio: 'ignore' });
  return dist;
}

function time(name, { a, wallRatio }, referenceName, target, note) {
  const value = a.wall * 1000;
  return figure({
    name,
    value,
    unit: 'ms',
    reference: value / wallRatio,
    referenceName,
    target,
    note,
  });
}

async function scanArguments(folder, quick) {
  const mirror = join(folder, 'mirror');
  const feed = join(folder, 'feed');
  const root = join(folder, 'root');
  const sizes = quick ? { sources: 1500, cves: 15_000, roster: 15_000 } : {};
  generateDebian(mirror, sizes);
  const sources = [
    '--source',
    'debian',
    '--no-ratings',
    '--mirror',
    mirror,
    '--unsigned-mirror',
    '--no-oval',
  ];
  const snapshots = ['--snapshots', join(folder, 'snapshots')];
  await measure('node', ['dist/cli.cjs', 'build', ...sources, ...snapshots, '--out', feed], {
    runs: 1,
    warmup: 0,
  });
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), osRelease);
  writeFileSync(join(root, 'var/lib/dpkg/status'), generateDpkgStatus({ packages: 250, ...sizes }));
  return ['scan', `dir:${root}`, '--feed', feed, '--max-age', '0', '--allow-uncovered'];
}
