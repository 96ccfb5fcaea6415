// The XML writers at full size, and oscap on our OVAL beside the same statements in Canonical's shape.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { dpkgStatus } from './oval-universe.mjs';
import { figure, measure, measurePair, median } from './support.mjs';

export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-oval-'));
  try {
    // Inside node_modules, so that the bundle finds the packages that it leaves out.
    const driver = join(import.meta.dirname, '../node_modules/.cache/scapfeed/oval-driver.mjs');
    buildSync({
      entryPoints: [join(import.meta.dirname, 'oval-driver.mjs')],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile: driver,
    });
    // What is asked of the writer are figures by themselves, which a quick run does not hold.
    const written = quick ? { definitions: 10_000, runs: 1 } : { definitions: 100_000, runs: 5 };
    const judged = quick ? { definitions: 5000, runs: 1, warmup: 0 } : { definitions: 20_000, runs: 3 };
    return [
      ...(await writerFigures({ folder, driver, ...written })),
      ...(await oscapFigures({ folder, driver, ...judged })),
      ...(await streamFigures({ folder, driver, quick })),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const megabyte = 1e6;

async function writerFigures({ folder, driver, definitions, runs }) {
  const out = join(folder, 'large');
  const measured = await measure('node', [driver, 'oval', out, `${definitions}`], { runs });
  const idle = await measure('node', [driver, 'none', out, `${definitions}`], { runs });
  const size = statSync(join(out, 'debian-12.oval.xml')).size / megabyte;
  // The writer's own clock, apart from making the index; the disk's speed stands beside it.
  const times = [];
  for (let at = 0; at < runs; at++) {
    const child = spawnSync('node', [driver, 'oval', out, `${definitions}`], { encoding: 'utf8' });
    times.push(Number(/writing: ([\d.]+)/.exec(child.stderr)[1]));
  }
  const copy = await measure('cp', [join(out, 'debian-12.oval.xml'), join(out, 'copy')], { runs });
  const checked = await measure('node', [driver, 'validate', out], { runs: 1, warmup: 0 });
  rmSync(out, { recursive: true });
  return [
    figure({
      name: `OVAL writer, ${definitions} definitions`,
      value: size / median(times),
      unit: 'MB/s',
      reference: size / copy.wall,
      referenceName: 'cp of the file',
      target: 150,
      kind: 'absolute',
      atLeast: true,
      note: `${size.toFixed(0)} MB`,
    }),
    figure({
      name: 'OVAL writer, peak memory',
      value: measured.rss,
      unit: 'MB',
      reference: idle.rss,
      referenceName: 'the index alone',
      target: 150,
      kind: 'absolute',
    }),
    figure({
      name: 'validation (stream and schema profile), per 100 MB',
      value: (checked.wall * 100) / size,
      unit: 's',
      target: 20,
      kind: 'absolute',
      note: `peak ${checked.rss.toFixed(0)} MB`,
    }),
  ];
}

async function oscapFigures({ folder, driver, definitions, ...repeated }) {
  const out = join(folder, 'middle');
  for (const task of ['oval', 'canonical'])
    spawnSync('node', [driver, task, out, String(definitions)], { stdio: 'inherit' });
  const root = writeRoot(folder);
  const [ours, theirs] = ['debian-12.oval.xml', 'canonical.xml'].map((name) => join(out, name));
  const command = (file) => ({
    command: 'oscap',
    args: ['oval', 'eval', '--skip-validation', file],
    env: { OSCAP_PROBE_ROOT: root },
  });
  const pair = await measurePair(command(ours), command(theirs), repeated);
  const sizes = [ours, theirs].map((file) => statSync(file).size / megabyte);
  rmSync(out, { recursive: true });
  const beside = { referenceName: "in Canonical's shape" };
  return [
    figure({
      name: `oscap on ${definitions} definitions, time`,
      value: pair.a.wall,
      unit: 's',
      reference: pair.b.wall,
      target: 0.5,
      ...beside,
    }),
    figure({
      name: `oscap on ${definitions} definitions, memory`,
      value: pair.a.rss,
      unit: 'MB',
      reference: pair.b.rss,
      target: 0.8,
      ...beside,
    }),
    figure({
      name: `${definitions} definitions, size`,
      value: sizes[0],
      unit: 'MB',
      reference: sizes[1],
      target: 0.85,
      ...beside,
    }),
  ];
}

/** What a user of the data stream waits for, by the number of rules; its size and memory decide what stands in it. */
async function streamFigures({ folder, driver, quick }) {
  const root = join(folder, 'root');
  const figures = [];
  // Five flaws an update: 100,000 flaws make 20,000 rules.
  for (const [rules, flaws] of quick
    ? [[2000, 10_000]]
    : [
        [2000, 10_000],
        [20_000, 100_000],
      ]) {
    const out = join(folder, 'stream');
    mkdirSync(out, { recursive: true });
    spawnSync('node', [driver, 'stream', out, String(flaws)], { stdio: 'inherit' });
    const file = join(out, 'debian-12.ds.xml');
    const args = ['xccdf', 'eval', '--profile', 'fixable-only', file];
    const measured = await measure('oscap', args, { runs: 1, warmup: 0, env: { OSCAP_PROBE_ROOT: root } });
    const note = `${(statSync(file).size / megabyte).toFixed(1)} MB of data stream, ${measured.rss.toFixed(0)} MB of memory`;
    figures.push(figure({ name: `oscap xccdf eval, ${rules} rules`, value: measured.wall, unit: 's', note }));
    rmSync(out, { recursive: true });
  }
  return figures;
}

function writeRoot(folder) {
  const root = join(folder, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n');
  writeFileSync(join(root, 'var/lib/dpkg/status'), dpkgStatus());
  return root;
}
