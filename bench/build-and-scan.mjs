// What the benches of vendors share: a build of a generated mirror, the sizes of a shard, and a scan beside Node's own start.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { besideNode, figure, measure } from './support.mjs';

export const cli = resolve(import.meta.dirname, '../dist/cli.cjs');
export const data = process.env.SCAPFEED_TEST_DATA ?? resolve(import.meta.dirname, '../../shared/data');
const databaseMaker = join(data, '../tools/make-rpmdb.py');

/** Runs a bench with a folder that is removed at its end. */
export async function inFolder(name, make) {
  const folder = mkdtempSync(join(tmpdir(), `scapfeed-bench-${name}-`));
  try {
    return await make(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds a feed, and fails if that fails. */
export async function buildFeed(args) {
  const built = await measure('node', [cli, 'build', ...args], { runs: 1, warmup: 0 });
  if (built.code !== 0) throw new Error(`build ended with ${built.code}: ${built.errors}`);
  return built;
}

/**
 * The full build of a source from its snapshots, OVAL included: time and memory. `reference`: a command that reads the same
 * input, `{ name, command, args }`.
 */
export async function buildFigures({
  folder,
  mirror,
  feed,
  source,
  what,
  note,
  reference,
  seconds,
  megabytes = 800,
  quick = false,
}) {
  const args = ['--source', source, '--snapshots', join(folder, 'snapshots'), '--out', feed];
  const fetching = ['--mirror', mirror, '--unsigned-mirror'];
  // The first run fills the snapshots; the second, offline, is the build that is measured. A quick run, which holds no figure of
  // it, measures the first.
  if (!quick) await buildFeed([...args, '--no-oval', ...fetching]);
  const built = await buildFeed([...args, ...(quick ? fetching : ['--offline'])]);
  const beside = await measure(reference.command, reference.args, { runs: 1, warmup: 0 });
  return [
    figure({
      name: `full build of ${what}, OVAL included`,
      value: built.wall,
      unit: 's',
      reference: beside.wall,
      referenceName: reference.name,
      target: seconds,
      kind: 'absolute',
      note: `${note}; ${built.cpu.toFixed(1)} s of processor time`,
    }),
    figure({
      name: 'peak memory of that build',
      value: built.rss,
      unit: 'MB',
      reference: beside.rss,
      target: megabytes,
      kind: 'absolute',
    }),
  ];
}

/**
 * The build of a source's index from its snapshots by processor time, with memory, and the same with OVAL. The bound on time is of the
 * index: OVAL is written for those who ask for it, and takes as long as it is large.
 */
export async function indexBuildFigures({
  folder,
  mirror,
  feed,
  source,
  what,
  note,
  seconds,
  megabytes,
  quick = false,
}) {
  const args = ['--source', source, '--snapshots', join(folder, 'snapshots')];
  await buildFeed([...args, '--no-oval', '--out', feed, '--mirror', mirror, '--unsigned-mirror']);
  const figuresOf = async (oval, bounds) => {
    // Into a new folder: a feed that would come out the same is left as it is.
    const out = join(folder, oval ? 'with-oval' : 'without-oval');
    const built = await buildFeed([...args, ...(oval ? [] : ['--no-oval']), '--offline', '--out', out]);
    const name = `build of ${what}, ${oval ? 'OVAL included' : 'without OVAL'}`;
    const seen = `${note}; ${built.wall.toFixed(1)} s by the clock`;
    return [
      figure({
        ...{ name: `${name}, processor time`, value: built.cpu, unit: 's', kind: 'absolute', note: seen },
        target: bounds.seconds,
      }),
      figure({
        ...{ name: `${name}, peak memory`, value: built.rss, unit: 'MB', kind: 'absolute' },
        target: bounds.megabytes,
      }),
    ];
  };
  return [
    ...(await figuresOf(false, quick ? {} : { seconds, megabytes })),
    ...(quick ? [] : await figuresOf(true, { megabytes })),
  ];
}

/** `JSON.parse` of a file, as a reference. */
export function parseOf(path, name) {
  const script = `JSON.parse(require('fs').readFileSync(${JSON.stringify(path)},'utf8'))`;
  return { name, command: 'node', args: ['-e', script] };
}

export function shardFigures(feed, platform, { raw, brotli }) {
  const shard = readFileSync(join(feed, `index/${platform}.jsonl`));
  const sizes = [
    ['raw', shard.length, raw],
    ['brotli', brotliCompressSync(shard).length, brotli],
  ];
  return sizes.map(([name, bytes, target]) =>
    figure({ name: `largest shard, ${name}`, value: bytes / 1e6, unit: 'MB', target, kind: 'absolute' }),
  );
}

/** A scan of a root file system with a feed: in the bounds of every scan. */
export function scanFigures(feed, root, packages, quick) {
  const scan = [cli, 'scan', `dir:${root}`, '--feed', feed, '--max-age', '0', '--allow-uncovered'];
  return besideNode(`scan of ${packages} packages`, scan, quick ? 9 : 21);
}

/** A root with an rpm database; undefined: nothing here can make one. */
export function writeRpmRoot(folder, osRelease, packages) {
  if (!existsSync(databaseMaker)) return undefined;
  const root = join(folder, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'var/lib/rpm'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), osRelease);
  const list = join(folder, 'packages.json');
  writeFileSync(list, JSON.stringify({ packages }));
  execFileSync('python3', [databaseMaker, list, join(root, 'var/lib/rpm'), 'sqlite'], { stdio: 'ignore' });
  return root;
}
