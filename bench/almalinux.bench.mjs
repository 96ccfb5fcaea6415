// AlmaLinux at full size: the build of three releases from errata of some 200 MB, with OVAL; its shards, a scan.
import { execFileSync } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { besideNode, figure, measure } from './support.mjs';

const data = process.env.SCAPFEED_TEST_DATA ?? resolve(import.meta.dirname, '../../shared/data');
const databaseMaker = join(data, '../tools/make-rpmdb.py');
const architectures = ['x86_64', 'aarch64', 'ppc64le', 's390x', 'i686'];

export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-almalinux-'));
  try {
    const feed = join(folder, 'feed');
    const figures = [...(await buildFigures(folder, feed, quick)), ...shardFigures(feed)];
    if (!existsSync(databaseMaker)) return figures;
    const scan = ['dist/cli.cjs', 'scan', `dir:${writeRoot(folder)}`, '--feed', feed, '--max-age', '0'];
    return [...figures, ...(await besideNode('scan of 450 packages', scan, quick ? 9 : 21))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildFigures(folder, feed, quick) {
  const mirror = join(folder, 'mirror');
  const sizes = { 8: 2000, 9: 1600, 10: 400 };
  let bytes = 0;
  for (const [major, errata] of Object.entries(sizes))
    bytes += await writeErrata(mirror, major, quick ? Math.ceil(errata / 10) : errata);
  const snapshots = ['--snapshots', join(folder, 'snapshots')];
  const args = ['dist/cli.cjs', 'build', '--source', 'almalinux', '--out', feed, ...snapshots];
  // The first run fills the snapshots; the second, offline, is the build that is measured.
  await measure('node', [...args, '--no-oval', '--mirror', mirror], { runs: 1, warmup: 0 });
  const built = await measure('node', [...args, '--offline'], { runs: 1, warmup: 0 });
  const path = join(mirror, 'errata.almalinux.org/8/errata.full.json');
  const script = `JSON.parse(require('fs').readFileSync(${JSON.stringify(path)},'utf8'))`;
  const parse = await measure('node', ['-e', script], { runs: 1, warmup: 0 });
  return [
    figure({
      name: 'full build of three releases, OVAL included',
      value: built.wall,
      unit: 's',
      reference: parse.wall,
      referenceName: 'JSON.parse of the errata of 8',
      target: quick ? 6 : 30,
      kind: 'absolute',
      note: `${(bytes / 1e6).toFixed(0)} MB of errata`,
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

/** Errata with CVEs, of 20 packages for five architectures each. */
async function writeErrata(mirror, major, errata) {
  const folder = join(mirror, `errata.almalinux.org/${major}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'errata.full.json');
  const out = createWriteStream(path);
  out.write('{"schema_version": "1.0", "data": [');
  for (let at = 0; at < errata; at++) {
    const text = JSON.stringify(erratumOf(major, at), undefined, 2);
    if (!out.write(at === 0 ? text : `,\n${text}`)) await new Promise((done) => out.once('drain', done));
  }
  await new Promise((done) => out.end(']}', done));
  return statSync(path).size;
}

function erratumOf(major, at) {
  const source = `source${at % 700}`;
  const version = `${1 + Math.floor(at / 700)}.${at % 7}`;
  const release = `${1 + (at % 30)}.el${major}_${at % 10}${at % 5 === 0 ? '.alma' : ''}`;
  const id = `ALSA-${2021 + (at % 6)}:${1000 + at}`;
  const packages = Array.from({ length: 20 }, (_, binary) => `${source}-part${binary}`).flatMap((name) =>
    architectures.map((arch) => ({
      name,
      epoch: '0',
      version,
      release,
      arch,
      src: `${source}-${version}-${release}.src.rpm`,
      filename: `${name}-${version}-${release}.${arch}.rpm`,
      checksum: 'a'.repeat(64),
      checksum_type: 'sha256',
      reboot_suggested: 0,
    })),
  );
  const cves = Array.from(
    { length: 1 + (at % 5) },
    (_, flaw) => `CVE-${2019 + (at % 8)}-${10_000 + at * 5 + flaw}`,
  );
  return {
    id,
    issued_date: 1_620_000_000 + at * 40_000,
    updated_date: 1_620_000_000 + at * 40_000,
    severity: ['Low', 'Moderate', 'Important', 'Critical'][at % 4],
    title: `Important: ${source} security update`,
    description: `About ${source}.\n\nSecurity Fix(es):\n\n${cves.map((cve) => `* ${source}: a flaw (${cve})`).join('\n')}`,
    type: 'security',
    packages,
    modules: [],
    references: [
      {
        id: id.replace(':', '-'),
        type: 'self',
        href: `https://errata.almalinux.org/${major}/${id.replace(':', '-')}.html`,
      },
      ...cves.map((cve) => ({ id: cve, type: 'cve', href: `https://vulners.com/cve/${cve}` })),
    ],
  };
}

function shardFigures(feed) {
  const shard = readFileSync(join(feed, 'index/almalinux-8.jsonl'));
  return [
    figure({
      name: 'largest shard, raw',
      value: shard.length / 1e6,
      unit: 'MB',
      target: 15,
      kind: 'absolute',
    }),
    figure({
      name: 'largest shard, brotli',
      value: brotliCompressSync(shard).length / 1e6,
      unit: 'MB',
      target: 1.5,
      kind: 'absolute',
    }),
  ];
}

function writeRoot(folder) {
  const root = join(folder, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(join(root, 'var/lib/rpm'), { recursive: true });
  writeFileSync(join(root, 'etc/os-release'), 'ID="almalinux"\nVERSION_ID="8.10"\n');
  const packages = Array.from({ length: 450 }, (_, at) => ({
    name: `source${at % 90}-part${at % 5}`,
    // One in ten is not up to date.
    version: at % 10 === 0 ? '2.1' : '9.1',
    release: `${at % 20}.el8_3`,
    arch: 'x86_64',
    vendor: 'AlmaLinux',
    keyid: '51d6647ec21ad6ea',
    sourcerpm: `source${at % 90}-9.1-${at % 20}.el8_3.src.rpm`,
  }));
  const list = join(folder, 'packages.json');
  writeFileSync(list, JSON.stringify({ packages }));
  execFileSync('python3', [databaseMaker, list, join(root, 'var/lib/rpm'), 'sqlite'], { stdio: 'ignore' });
  return root;
}
