// Whole real data of vendors: a night's delta, and what building, publishing and pulling all of it cost.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { recordCounts } from '../test/support/record-counts.mjs';
import { figure, measure } from './support.mjs';

const data = process.env.SCAPFEED_TEST_DATA ?? resolve(import.meta.dirname, '../../shared/data');
const cli = resolve(import.meta.dirname, '../dist/cli.cjs');
const env = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a bench' };
const sources = ['almalinux', 'alpine', 'rocky'];
/** A delta may have so many bytes. */
const most = 12_000;
const platforms = ['almalinux-8', 'almalinux-9', 'rocky-8', 'rocky-9'];

/** A quick run builds AlmaLinux, Alpine and Rocky; a whole one Debian and Red Hat besides. */
export async function run({ quick }) {
  if (!existsSync(join(data, 'real/mirror-real.tar.zst'))) throw new Error(`no ${join(data, 'real')}`);
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-real-'));
  try {
    return await figures(folder, quick ? sources : [...sources, 'debian', 'redhat', 'kev']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function figures(folder, wanted) {
  const [earlier, mirror] = ['mirror-real-earlier', 'mirror-real'].map((name) => unpack(name, folder));
  // The others had nothing new: a delta is between feeds of the same vendors.
  for (const host of readdirSync(mirror))
    if (!existsSync(join(earlier, host)))
      cpSync(join(mirror, host), join(earlier, host), { recursive: true });
  leaveOutNewest(earlier, 7);
  const feeds = { earlier: join(folder, 'feed-earlier'), now: join(folder, 'feed') };
  scapfeed(folder, build(earlier, feeds.earlier, wanted));
  const built = await measured(folder, build(mirror, feeds.now, wanted));
  const manifest = JSON.parse(readFileSync(join(feeds.now, 'manifest.json'), 'utf8'));
  const [keys, site] = [join(folder, 'keys'), join(folder, 'site')];
  const publish = (feed) => [
    'publish',
    ...['--accept', 'frozen', '--reason', 'data of one day of 2025'],
    '--feed',
    feed,
    '--to',
    site,
    '--keys',
    keys,
    '--accept-terms',
    'alpine',
  ];
  scapfeed(folder, ['keys', 'make', '--keys', keys]);
  scapfeed(folder, publish(feeds.earlier));
  const published = await measured(folder, publish(feeds.now));
  const root = join(site, 'metadata/1.root.json');
  const pull = ['pull', '--from', site, '--trust-root', root, '--out', join(folder, 'pulled')];
  const pulled = await measured(folder, pull);
  return [
    ...sources.map((id) => accountOf(id, manifest, recordCounts(mirror)[id])),
    ...platforms.map((platform) =>
      figure({
        name: `delta of ${platform}, ${platform.startsWith('rocky') ? '7 advisories more' : 'four real days'}`,
        value: deltaOf(site, platform),
        unit: 'B',
        reference: wholeOf(site, platform),
        referenceName: 'whole platform, brotli',
        target: most,
        kind: 'absolute',
      }),
    ),
    ...Object.entries({ build: built, publish: published, pull: pulled }).flatMap(([name, { wall, rss }]) => [
      figure({ name: `${name} of ${wanted.length} vendors' real data`, value: wall, unit: 's' }),
      figure({ name: `${name}, peak memory`, value: rss, unit: 'MB' }),
    ]),
  ];
}

/** Records of a vendor's documents that the build neither used nor names as a finding. */
function accountOf(id, { sources: read }, counted) {
  const { used, findings } = read.find((source) => source.id === id);
  const told = findings.filter(({ dropped }) => dropped).reduce((sum, { count }) => sum + count, 0);
  return figure({
    name: `records of ${id} that are neither used nor told, of ${counted}`,
    value: Math.abs(counted - used - told),
    unit: '',
    target: 0,
    kind: 'absolute',
  });
}

function build(mirror, out, wanted) {
  const from = ['--mirror', mirror, '--unsigned-mirror', '--snapshots', `${out}-snapshots`];
  return ['build', '--no-oval', '--source', wanted.join(), ...from, '--out', out];
}

function unpack(name, folder) {
  const target = join(folder, name);
  mkdirSync(target);
  execFileSync('tar', ['--zstd', '-xf', join(data, 'real', `${name}.tar.zst`), '-C', target]);
  return target;
}

/** Rocky's earlier pages are the later ones, so the newest advisories are taken out of them. */
function leaveOutNewest(mirror, count) {
  const folder = join(mirror, 'apollo.build.resf.org/api/v3/advisories');
  const pages = readdirSync(folder).map((name) => join(folder, name));
  const first = pages.find((path) => /[?&]page=1$/.test(path));
  const page = JSON.parse(readFileSync(first, 'utf8'));
  const fewer = { ...page, advisories: page.advisories.slice(count) };
  for (const path of pages) {
    const own = path === first ? fewer : JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...own, total: own.total - count }));
  }
}

async function measured(cwd, args) {
  const found = await measure('node', [cli, ...args], { runs: 1, warmup: 0, cwd, env });
  if (found.code !== 0) throw new Error(`scapfeed ${args[0]} ended with ${found.code}: ${found.errors}`);
  return found;
}

function scapfeed(cwd, args) {
  execFileSync('node', [cli, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** The targets of a published platform, by the end of their names. */
function sizesOf(site, platform) {
  const folder = join(site, 'targets', platform);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => ({
      path: join(parentPath, name),
      size: readFileSync(join(parentPath, name)).length,
    }));
}

/** Without a delta a client fetches the whole platform, which is no small night. */
function deltaOf(site, platform) {
  const deltas = sizesOf(site, platform).filter(({ path }) => path.includes('/delta/'));
  if (deltas.length === 0) throw new Error(`${platform} was published without a delta`);
  return deltas.reduce((sum, { size }) => sum + size, 0);
}

/** All files in brotli. */
function wholeOf(site, platform) {
  return sizesOf(site, platform)
    .filter(({ path }) => path.endsWith('.br') && !path.includes('/delta/'))
    .reduce((sum, { size }) => sum + size, 0);
}
