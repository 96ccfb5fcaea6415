// What reports cost a scan: several at once beside the table alone, many verdicts, and many images in one report.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateDebian, generateDpkgStatus } from './generate-debian.mjs';
import { figure, measure, measurePair } from './support.mjs';

const osRelease =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n';
const universe = { cves: 60_000, sources: 6000, yearly: true };

export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-reports-'));
  try {
    return await figures(folder, quick ? 5 : 11, quick ? 12 : 40);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function figures(folder, runs, many) {
  const mirror = join(folder, 'mirror');
  const feed = join(folder, 'feed');
  generateDebian(mirror, { ...universe, compression: 'gz' });
  const built = await measure(
    'node',
    [
      ...[
        'dist/cli.cjs',
        'build',
        '--no-oval',
        '--source',
        'debian',
        '--mirror',
        mirror,
        '--unsigned-mirror',
      ],
      ...['--snapshots', join(folder, 'snapshots'), '--out', feed],
    ],
    { runs: 1, warmup: 0 },
  );
  if (built.code !== 0) throw new Error(`the build failed: ${built.errors}`);
  const typical = root(join(folder, 'typical'), { packages: 250, among: 1500 });
  const heavy = root(join(folder, 'heavy'), { packages: 30_000, among: 6000 });
  const scan = (...args) => ({
    command: 'node',
    args: ['dist/cli.cjs', 'scan', ...args, '--feed', feed, '--max-age', '0'],
  });
  const to = (name) => join(folder, name);
  return [
    ...(await atOnce(scan, typical, to, runs)),
    await streamed(scan, heavy, to),
    ...(await several(scan, typical, folder, many, runs)),
  ];
}

function root(place, status) {
  mkdirSync(join(place, 'etc'), { recursive: true });
  mkdirSync(join(place, 'var/lib/dpkg'), { recursive: true });
  writeFileSync(join(place, 'etc/os-release'), osRelease);
  writeFileSync(join(place, 'var/lib/dpkg/status'), generateDpkgStatus({ ...status, ...universe }));
  return `dir:${place}`;
}

async function atOnce(scan, image, to, runs) {
  const three = ['-o', `json=${to('a.json')}`, '-o', `sarif=${to('a.sarif')}`, '-o', `html=${to('a.html')}`];
  const { a, b, wallRatio } = await measurePair(scan(image, ...three), scan(image, '-o', 'table'), { runs });
  return [
    figure({
      name: 'processor time of JSON, SARIF and HTML of 602 verdicts, over the table alone',
      value: (a.cpu - b.cpu) * 1000,
      unit: 'ms',
      target: 40,
      kind: 'absolute',
      note: `${Math.round(a.cpu * 1000)} for ${Math.round(b.cpu * 1000)} ms; by the clock ${wallRatio.toFixed(2)} x`,
    }),
  ];
}

async function streamed(scan, image, to) {
  const { command, args } = scan(image, '--all', '-o', `json=${to('heavy.json')}`);
  const measured = await measure(command, args, { runs: 1, warmup: 0 });
  const { verdicts } = JSON.parse(readFileSync(to('heavy.json'), 'utf8')).counts;
  return figure({
    name: `JSON of ${verdicts} verdicts, peak memory`,
    value: measured.rss,
    unit: 'MB',
    target: 300,
    kind: 'absolute',
  });
}

/** Images that are copies of one: what each more costs, in time and in memory. */
async function several(scan, image, folder, many, runs) {
  const place = image.slice('dir:'.length);
  const names = Array.from({ length: many }, (_, at) => join(folder, `copy-${at}`));
  for (const name of names) cpSync(place, name, { recursive: true });
  const report = ['-o', `json=${join(folder, 'many.json')}`, '-o', `html=${join(folder, 'many.html')}`];
  const all = scan(...names, ...report);
  const few = scan(...names.slice(0, many / 4), ...report);
  const { a, b } = await measurePair(all, few, { runs: Math.min(runs, 3) });
  const alone = await measure('node', scan(image, ...report).args, { runs });
  const each = (a.cpu - b.cpu) / (many - many / 4);
  return [
    figure({
      name: `processor time of each more of ${many} images in one JSON and one HTML, beside a scan of it alone`,
      value: each * 1000,
      unit: 'ms',
      reference: alone.cpu * 1000,
      referenceName: 'alone',
      target: 1,
    }),
    figure({
      name: `peak memory of ${many} images`,
      value: a.rss,
      unit: 'MB',
      reference: b.rss,
      referenceName: `${many / 4} images`,
      target: 1.5,
    }),
  ];
}
