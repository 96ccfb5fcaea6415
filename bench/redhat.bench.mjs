// Red Hat at full size: reading of documents, a full build, a night, the shard and a scan.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { changeRedHat, generateRedHat, installedOf } from './generate-redhat.mjs';
import { makeRpmRoots } from './rpm-roots.mjs';
import { besideNode, figure, measure } from './support.mjs';

const { bin } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
const cli = resolve(import.meta.dirname, '..', bin.scapfeed);
const data = process.env.SCAPFEED_TEST_DATA ?? resolve(import.meta.dirname, '../../shared/data');

export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-redhat-'));
  try {
    // A quick run has a twentieth of the documents: its absolute figures are reported and not held.
    const size = quick ? { documents: 2000, bytes: 1.5e8 } : { documents: 40_000, bytes: 3.2e9 };
    return [...(await documentFigures(folder)), ...(await buildFigures(folder, size, quick ? 9 : 21))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function documentFigures(folder) {
  const documents = join(data, 'redhat');
  if (!existsSync(documents)) return [];
  const driver = await bundledDriver(folder);
  const { parse, read } = JSON.parse(execFileSync('node', [driver, 'all', documents], { encoding: 'utf8' }));
  const largest = join(
    documents,
    'csaf-advisory/guacsec__trustify/etc/test-data/csaf/timeout/rhsa-2024_2394.json.xz',
  );
  const one = await measure('node', [driver, 'one', largest], { runs: 3 });
  return [
    figure({
      name: 'documents read and normalized, speed beside JSON.parse of the same bytes',
      value: parse / read,
      unit: 'x',
      reference: 1,
      referenceName: 'JSON.parse(buffer.toString())',
      target: 0.5,
      atLeast: true,
    }),
    figure({
      name: 'peak memory of one document with 65,490 product ids',
      value: one.rss,
      unit: 'MB',
      target: 600,
      kind: 'absolute',
    }),
  ];
}

async function bundledDriver(folder) {
  const outfile = join(folder, 'driver.mjs');
  const entry = join(import.meta.dirname, 'redhat-driver.mjs');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return outfile;
}

async function buildFigures(folder, size, runs) {
  const mirror = join(folder, 'mirror');
  const feed = join(folder, 'feed');
  const made = await generateRedHat(mirror, size);
  const archive = join(made.folder, readFileSync(join(made.folder, 'archive_latest.txt'), 'utf8').trim());
  const args = [cli, 'build', '--source', 'redhat', '--mirror', mirror, '--unsigned-mirror'];
  const command = [...args, '--snapshots', join(folder, 'snapshots'), '--out', feed];
  const unpack = await measure('sh', ['-c', `zstd -dc ${archive} | wc -c`], { runs: 1, warmup: 0 });
  const full = await measure('node', command, { runs: 1, warmup: 0 });
  if (full.code !== 0) throw new Error(`the build failed: ${full.errors}`);
  changeRedHat(made, 300);
  const night = await measure('node', command, { runs: 1, warmup: 0 });
  const note = `${made.documents} documents, ${Math.round(made.bytes / 1e6)} MB, ${made.products} product ids`;
  const reference = { reference: unpack.wall, referenceName: 'zstd -dc | wc -c' };
  return [
    figure({
      name: 'full build',
      value: full.wall,
      unit: 's',
      ...reference,
      target: 180,
      kind: 'absolute',
      note,
    }),
    figure({
      name: 'peak memory of that build',
      value: full.rss,
      unit: 'MB',
      target: 1500,
      kind: 'absolute',
    }),
    figure({
      name: 'a night of 300 changed documents',
      value: night.wall,
      unit: 's',
      ...reference,
      target: 10,
      kind: 'absolute',
    }),
    figure({
      name: 'shard of rhel-9, raw',
      value: statSync(join(feed, 'index/rhel-9.jsonl')).size / 1e6,
      unit: 'MB',
      target: 6,
      kind: 'absolute',
    }),
    ...(await scanFigures(folder, feed, made, runs)),
  ];
}

async function scanFigures(folder, feed, made, runs) {
  const packages = installedOf(made, 450).map(([name, source, evr]) => {
    const [version, release] = evr.split('-');
    return { name, source, version, release };
  });
  const { sqlite: root } = await makeRpmRoots(folder, packages, ['sqlite']);
  const scan = [cli, 'scan', `dir:${root}`, '--feed', feed, '--max-age', '0', '--allow-uncovered'];
  return [
    ...(await besideNode('scan of 450 packages in a 20 MB rpmdb.sqlite', scan, runs)),
    ...(await matchFigures(folder, feed, packages, runs)),
  ];
}

/** The matching alone, by the runtime that the package exports: no file of an image is read. */
async function matchFigures(folder, feed, packages, runs) {
  const installed = packages.map(({ name, source, version, release }) => ({
    type: 'rpm',
    name,
    version: `${version}-${release}`,
    arch: 'x86_64',
    source: { name: source, version: `${version}-${release}` },
    vendor: 'Red Hat, Inc.',
    database: '/var/lib/rpm/rpmdb.sqlite',
  }));
  const script = join(folder, 'match.cjs');
  const runtime = resolve(import.meta.dirname, '../dist/runtime/node.cjs');
  const list = join(folder, 'packages.json');
  writeFileSync(list, JSON.stringify(installed));
  writeFileSync(
    script,
    `const { readFileSync } = require('node:fs');
const { matchInventory, openFeed } = require(${JSON.stringify(runtime)});
const packages = JSON.parse(readFileSync(${JSON.stringify(list)}, 'utf8'));
const feed = openFeed(${JSON.stringify(feed)});
const os = { id: 'rhel', versionId: '9.6', found: '/etc/os-release' };
const { verdicts, judged } = matchInventory(feed, feed.shard('rhel-9'), { os, packages });
if (judged !== packages.length || verdicts.length === 0) process.exit(1);
`,
  );
  return besideNode('match of 450 packages by the runtime', [script], runs);
}
