import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeLanguageImage, writeLanguageMirror } from './generate-languages.mjs';
import { figure, measure, measurePair } from './support.mjs';

const cli = join(import.meta.dirname, '../dist/cli.cjs');
/** Some of Debian's data, so that the images have a distribution. */
const sample = join(import.meta.dirname, '../feeds/sample');
const env = { SCAPFEED_PASSPHRASE: 'a long enough passphrase for a bench' };

/** Eight ecosystems by the counts of real archives: build, size, a night; and an image with packages of languages beside reading their files alone. */
export async function run({ quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-languages-'));
  try {
    return await figures(folder, quick ? 0.1 : 1, quick ? 3 : 7);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function figures(folder, share, runs) {
  const at = (name) => join(folder, name);
  for (const mirror of ['mirror', 'next']) cpSync(sample, at(mirror), { recursive: true });
  const bytes = writeLanguageMirror(at('mirror'), share);
  const build = (mirror, feed) => [
    ...[
      cli,
      'build',
      '--source',
      'debian,osv',
      '--mirror',
      mirror,
      '--no-ratings',
      '--no-oval',
      '--unsigned-mirror',
    ],
    ...['--snapshots', at(`snapshots-${feed}`), '--out', at(feed)],
  ];
  const built = await measure(process.execPath, build(at('mirror'), 'feed'), { runs: 1, warmup: 0 });
  if (built.code !== 0) throw new Error(`the build failed with exit code ${built.code}`);
  const index = join(at('feed'), 'index');
  const lines = readdirSync(index).filter((name) => name.endsWith('.jsonl'));
  const packed = (names) =>
    names.reduce((sum, name) => sum + gzipSync(readFileSync(join(index, name)), { level: 9 }).length, 0);
  const isShard = (name) => !/^(?:advisories|vulnerabilities)/.test(name);

  writeLanguageMirror(at('next'), share, 1);
  execFileSync(process.execPath, build(at('next'), 'second'));
  const does = (...args) =>
    execFileSync(process.execPath, [cli, ...args], {
      cwd: folder,
      env: { ...process.env, HOME: folder, ...env },
    });
  does('keys', 'make');
  does('publish', '--feed', 'feed', '--to', 'public');
  const before = new Set(filesOf(at('public')));
  does('publish', '--feed', 'second', '--to', 'public');
  const deltas = filesOf(at('public')).filter((path) => !before.has(path) && path.includes('delta'));
  const delta = deltas.reduce((sum, path) => sum + statSync(path).size, 0);

  const counts = { npm: 1_500, jars: 200, wheels: 60 };
  writeLanguageImage(at('image'), counts);
  writeLanguageImage(at('others'), counts, { isRead: false });
  writeFileSync(at('reader.mjs'), reader);
  const scan = (image) => ({
    command: process.execPath,
    args: [
      ...[cli, 'scan', `oci:${at(image)}`, '--feed', at('feed')],
      ...['--max-age', '0', '--no-cache', '-o', `json=${at(`${image}.json`)}`],
    ],
  });
  const { a, b, wallRatio } = await measurePair(scan('image'), scan('others'), { runs });
  const bare = await measurePair(
    scan('image'),
    { command: process.execPath, args: [at('reader.mjs'), at('image')] },
    { runs },
  );
  const found = JSON.parse(readFileSync(at('image.json'), 'utf8')).inventory.languages;
  const wanted = counts.npm + counts.jars + counts.wheels;
  if (found !== wanted)
    throw new Error(`expected ${wanted} packages of languages in the image, found ${found}`);

  const what = `eight ecosystems, ${(bytes / 1e6).toFixed(0)} MB of records`;
  const own = (name, value, unit, target) =>
    figure({
      name,
      value,
      unit,
      reference: bytes / 1e6,
      referenceName: 'MB of records',
      target,
      kind: 'absolute',
    });
  return [
    own(`${what}: build`, built.wall, 's', 20),
    own(`${what}: build, peak memory`, built.rss, 'MB', 600),
    own(`${what}: shards, compressed`, packed(lines.filter(isShard)) / 1e6, 'MB', 2),
    own(`${what}: index with titles of advisories, compressed`, packed(lines) / 1e6, 'MB', 4),
    own(`${what}: delta of a night with 24 records changed and 66 new`, delta / 1e3, 'kB', 20),
    figure({
      name: `scan of an image with ${counts.npm} packages of npm, ${counts.jars} jars and ${counts.wheels} wheels`,
      value: a.wall * 1000,
      unit: 'ms',
      reference: (a.wall * 1000) / wallRatio,
      referenceName: 'reading these files by names that are none of packages',
      target: 1.5,
    }),
    figure({
      name: 'the same',
      value: bare.a.wall * 1000,
      unit: 'ms',
      reference: (bare.a.wall * 1000) / bare.wallRatio,
      referenceName: 'a script that finds name and version in them, with the layer whole in memory',
      target: 5,
    }),
    figure({
      ...{ name: 'the same, peak memory', value: a.rss, unit: 'MB', reference: b.rss },
      ...{ referenceName: 'reading these files by other names', target: 120, kind: 'absolute' },
    }),
  ];
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Reads the image's package files with Node alone: JSON, the pom.properties of each jar by its directory, the headers of metadata. */
const reader = `
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync, inflateRawSync } from 'node:zlib';
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const blob = (digest) => process.argv[2] + '/blobs/' + digest.replace(':', '/');
const packages = [];
for (const { digest } of json(blob(json(process.argv[2] + '/index.json').manifests[0].digest)).layers) {
  const layer = readFileSync(blob(digest));
  if ('sha256:' + createHash('sha256').update(layer).digest('hex') !== digest) throw new Error('digest');
  const tar = gunzipSync(layer);
  createHash('sha256').update(tar).digest('hex');
  for (let at = 0; tar[at] !== 0; ) {
    const name = tar.toString('utf8', at, tar.indexOf(0, at));
    const size = parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    const content = tar.subarray(at + 512, at + 512 + size);
    if (name.endsWith('/package.json')) {
      const { name, version } = JSON.parse(content.toString('utf8'));
      packages.push(name + ' ' + version);
    } else if (name.endsWith('/METADATA')) {
      const [, name] = /^Name: (.*)$/m.exec(content.toString('utf8'));
      packages.push(name);
    } else if (name.endsWith('.jar')) packages.push(jar(content));
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
function jar(bytes) {
  let at = bytes.readUInt32LE(bytes.length - 6);
  for (let left = bytes.readUInt16LE(bytes.length - 12); left > 0; left--) {
    const [packed, length, extra] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30)];
    if (bytes.toString('utf8', at + 46, at + 46 + length).endsWith('/pom.properties')) {
      const local = bytes.readUInt32LE(at + 42);
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
      return inflateRawSync(bytes.subarray(start, start + packed)).toString();
    }
    at += 46 + length + extra;
  }
}
if (packages.length === 0) throw new Error('nothing was read');
`;
