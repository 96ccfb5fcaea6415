// Ratings, known exploitation and EPSS at full size: build, a night, nothing changed, sizes, and what they cost a scan.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { generateDebian, generateDpkgStatus } from './generate-debian.mjs';
import { changeEnrichment, fullSize, generateEnrichment } from './generate-enrichment.mjs';
import { figure, measure, measurePair } from './support.mjs';

const osRelease =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';

/** As many flaws as the three distributions have together. */
const fullUniverse = { cves: 60_000, sources: 6000, yearly: true };
/** For a quick run, which can fail by none of these figures. */
const smallUniverse = { cves: 4000, sources: 400, roster: 3000, yearly: true };

/**
 * Two images of 250 packages. The issue speaks of one with 582 verdicts, as bookworm's images of that size have, and the typical one
 * has 602 at full size; spread over fewer sources a status has five flaws a package, 1,768.
 */
const images = [
  { name: 'typical', among: 1500 },
  { name: 'heavy', among: 500 },
];

export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-enrichment-'));
  try {
    if (!quick) return await figures(folder, fullUniverse, fullSize, 11);
    return await figures(folder, smallUniverse, { ...fullSize, records: 4000, scores: 4000 }, 2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function figures(folder, universe, size, runs) {
  const mirror = join(folder, 'mirror');
  generateDebian(mirror, { ...universe, compression: 'gz' });
  const spoken = flawsOf(join(mirror, 'security-tracker.debian.org/tracker/data/json'));
  const made = generateEnrichment(mirror, spoken, size);
  const place = {
    snapshots: join(folder, 'snapshots'),
    feed: join(folder, 'feed'),
    bare: join(folder, 'bare'),
  };
  const all = 'debian,cve-records,nvd,kev,epss';
  const command = (source, out, ...from) => [
    ...['dist/cli.cjs', 'build', '--no-oval', '--source', source, '--snapshots', place.snapshots],
    ...['--out', out, ...from],
  ];
  const fetching = ['--mirror', mirror, '--unsigned-mirror'];
  await once(command(all, place.feed, ...fetching));
  const bare = await once(command('debian', place.bare, '--offline'));
  rmSync(join(place.snapshots, 'cache'), { recursive: true });
  const whole = await once(command(all, place.feed, '--offline'));
  const nothing = await once(command(all, place.feed, ...fetching));
  const sizes = sizesOf(place.feed);
  const scan = await scanFigures(folder, universe, place, runs);
  changeEnrichment(made, 500);
  const night = await once(command(all, place.feed, ...fetching));
  const note = `${made.ids.length} CVE records, ${spoken.length} of them in the feed; ${Math.round(whole.cpu)} s of processor time`;
  const seconds = (name, value, target, more = {}) =>
    figure({ name, value, unit: 's', target, kind: 'absolute', ...more });
  return [
    seconds('build from snapshots of all four', whole.wall, 40, {
      reference: bare.wall,
      referenceName: 'without',
      note,
    }),
    figure({
      name: 'peak memory of that build',
      value: whole.rss,
      unit: 'MB',
      reference: bare.rss,
      target: 700,
      kind: 'absolute',
    }),
    seconds(
      "processor time of a night's deltas, every EPSS score moved, over a build without",
      night.cpu - bare.cpu,
      5,
    ),
    seconds('nothing changed, the whole build', nothing.wall, 2),
    ...sizeFigures(sizes, sizesOf(place.feed)),
    ...scan,
  ];
}

async function once(args) {
  const measured = await measure('node', args, { runs: 1, warmup: 0 });
  if (measured.code !== 0) throw new Error(`the build failed: ${measured.errors}`);
  return measured;
}

function flawsOf(tracker) {
  const ids = new Set(
    Object.values(JSON.parse(readFileSync(tracker, 'utf8'))).flatMap((pairs) => Object.keys(pairs)),
  );
  return [...ids].filter((id) => id.startsWith('CVE-')).sort();
}

/** Compressed as a publish does it. */
function sizesOf(feed) {
  const size = (name) => {
    const bytes = readFileSync(join(feed, `index/${name}.jsonl`));
    const quality = bytes.length <= 256 * 1024 ? 11 : 9;
    const params = { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: 24 };
    return brotliCompressSync(bytes, { params }).length / 1e6;
  };
  return { ratings: size('ratings') + size('ratings.scores') + size('exploited'), epss: size('epss') };
}

function sizeFigures(first, night) {
  const megabytes = (name, value, target) => figure({ name, value, unit: 'MB', target, kind: 'absolute' });
  return [
    megabytes('ratings and known exploitation, compressed', first.ratings, 1.5),
    megabytes('EPSS, compressed', first.epss, 0.6),
    megabytes('EPSS of a night on which every score moved', night.epss, 0.2),
  ];
}

async function scanFigures(folder, universe, place, runs) {
  const figures = [];
  for (const image of images) figures.push(...(await imageFigures(folder, universe, place, image, runs)));
  return figures;
}

/** The same scan with both feeds in turn. The bounds are those of the typical image. */
async function imageFigures(folder, universe, { feed, bare }, { name, among }, runs) {
  const root = join(folder, name);
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), osRelease);
  writeFileSync(join(root, 'var/lib/dpkg/status'), generateDpkgStatus({ packages: 250, among, ...universe }));
  const scan = (from) => ({
    command: 'node',
    args: ['dist/cli.cjs', 'scan', `dir:${root}`, '--feed', from, '--max-age', '0'],
  });
  const { a, b } = await measurePair(scan(feed), scan(bare), { runs });
  const start = await measurePair(scan(feed), { command: 'node', args: ['-e', '0'] }, { runs });
  const without = await measurePair(scan(bare), { command: 'node', args: ['-e', '0'] }, { runs });
  const judged = name === 'typical';
  const cost = (what, value, reference, unit, target) =>
    figure({
      name: `${what}, ${name} image`,
      value: value - reference,
      unit,
      ...(judged && { target }),
      kind: 'absolute',
      note: `${Math.round(value)} for ${Math.round(reference)} ${unit}`,
    });
  return [
    cost('what ratings cost a scan', a.wall * 1000, b.wall * 1000, 'ms', 8),
    cost('what they cost in memory', a.rss, b.rss, 'MB', 6),
    figure({
      name: `that scan beside the start of Node, ${name} image`,
      value: start.a.wall * 1000,
      unit: 'ms',
      reference: start.b.wall * 1000,
      referenceName: 'node -e 0',
      // Told against the bound in milliseconds, as a quick run may not fail by it.
      kind: 'absolute',
      ...(judged && { target: Math.round(1.6 * start.b.wall * 1000) }),
      note: `without ratings ${without.wallRatio.toFixed(1)} x`,
    }),
  ];
}
