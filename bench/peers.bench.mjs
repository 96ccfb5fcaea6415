// Real Trivy and oscap beside `scan`: equal flaws by the same feed of real Debian data, on images of several sizes, in the same run.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { packedJudge } from '../test/support/oracle-packages.mjs';
import { makeArchive, removeArchive } from './image-archive.mjs';
import { figure, measurePair } from './support.mjs';

const data = process.env.SCAPFEED_TEST_DATA ?? resolve(import.meta.dirname, '../../shared/data');
const cli = resolve(import.meta.dirname, '../dist/cli.cjs');
const trivy = resolve(import.meta.dirname, '../.ci/judges/node_modules', packedJudge);
/** Two images of Debian 11 as others' SBOMs list their packages: 120 and 193. */
const systems = { small: 'sboms/0236-syft.json', large: 'sboms/0801-trivy.json' };
/** Shares of the full image: 2.5, 127 and 254 MB unpacked. */
const images = [
  { name: 'image of 3 MB', system: 'small', scale: 0.002 },
  { name: 'image of 127 MB', system: 'small', scale: 0.1 },
  { name: 'image of 254 MB', system: 'large', scale: 0.2 },
];

export async function run({ quick }) {
  for (const path of [trivy, join(data, 'real')]) if (!existsSync(path)) throw new Error(`no ${path}`);
  const folder = mkdtempSync(join(tmpdir(), 'scapfeed-bench-peers-'));
  try {
    const made = prepare(folder);
    const found = [];
    for (const image of quick ? images.slice(0, 2) : images) {
      found.push(...(await besideTrivy(folder, made, image, quick ? 3 : 9)));
    }
    return [...found, ...(await besideOscap(folder, made, quick ? 1 : 3))];
  } finally {
    removeArchive(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The feed, Trivy's database of it, and the systems. */
function prepare(folder) {
  unpack('mirror-real', folder, '.');
  unpack('sboms', folder, ...Object.values(systems));
  const feed = join(folder, 'feed');
  const from = ['--mirror', folder, '--unsigned-mirror', '--snapshots', join(folder, 'snapshots')];
  scapfeed('build', '--source', 'debian', '--no-ratings', ...from, '--out', feed);
  scapfeed('export', '--feed', feed, '--to', 'trivy', '--out', join(folder, 'exports'));
  const roots = Object.entries(systems).map(([name, path]) => {
    const text = scapfeed('inventory', `sbom:${join(folder, path)}`, '-o', 'json');
    return [name, systemOf(JSON.parse(text))];
  });
  return { feed, database: join(folder, 'exports/trivy'), systems: Object.fromEntries(roots) };
}

function systemOf({ packages }) {
  const stanza = ({ name, version, arch, source }) =>
    [
      `Package: ${name}`,
      'Status: install ok installed',
      'Maintainer: Nobody <nobody@example.org>',
      `Architecture: ${arch}`,
      `Source: ${source.name} (${source.version})`,
      `Version: ${version}`,
      'Description: a package',
      '',
    ].join('\n');
  const installed = packages.filter(({ type }) => type === 'deb');
  return {
    'etc/os-release': 'ID=debian\nVERSION_ID="11"\nVERSION_CODENAME=bullseye\n',
    'etc/debian_version': '11.11\n',
    'var/lib/dpkg/status': `${installed.map(stanza).join('\n')}\n`,
  };
}

/** A docker archive without compression, an OCI layout with gzip, and either again, when both have what they keep of its layers. */
async function besideTrivy(folder, { feed, database, systems: made }, { name, system, scale }, runs) {
  const own = join(folder, name.replaceAll(' ', '-'));
  const { path } = await makeArchive(own, { scale, system: made[system] });
  const [docker, layout, cache] = ['docker.tar', 'layout', 'trivy'].map((part) => join(own, part));
  for (const part of [layout, join(cache, 'db')]) mkdirSync(part, { recursive: true });
  execFileSync('tar', ['-xf', path, '-C', layout]);
  execFileSync('skopeo', ['copy', '-q', `oci-archive:${path}`, `docker-archive:${docker}:bench/peers:1`]);
  for (const file of ['trivy.db', 'metadata.json']) {
    copyFileSync(join(database, file), join(cache, 'db', file));
  }
  const trivyOptions = `--cache-dir ${cache} --skip-db-update --offline-scan --scanners vuln --quiet --format json`;
  const found = [];
  for (const [kind, image, input, again] of [
    ['docker archive', `docker-archive:${docker}`, docker],
    ['OCI layout with gzip', `oci:${layout}`, layout],
    ['OCI layout with gzip, again', `oci:${layout}`, layout, true],
  ]) {
    const kept = join(own, 'kept');
    const ours = `${again ? '' : `rm -rf ${kept};`} exec ${process.execPath} ${cli} scan ${image} --feed ${feed} --max-age 0 -o json`;
    const theirs = `${again ? '' : `rm -rf ${cache}/fanal;`} exec ${trivy} image --input ${input} ${trivyOptions}`;
    const { a, b } = await measurePair({ ...shell(ours), env: { XDG_CACHE_HOME: kept } }, shell(theirs), {
      runs,
      warmup: 1,
    });
    const flaws = sameFlaws(output('sh', ['-c', ours]), output('sh', ['-c', theirs]));
    const common = { referenceName: 'trivy image', target: 1 };
    const what = `${name}, ${kind}, ${flaws} flaws in both`;
    found.push(
      figure({ name: what, value: a.wall, unit: 's', reference: b.wall, ...common }),
      figure({ name: 'its memory', value: a.rss, unit: 'MB', reference: b.rss, ...common }),
    );
  }
  return found;
}

function shell(line) {
  return { command: 'sh', args: ['-c', line] };
}

/** The number of flaws that both find; they differ: an error. */
function sameFlaws(ours, theirs) {
  const mine = JSON.parse(ours)
    .verdicts.filter(({ status }) => status === 'affected')
    .map(({ vulnerability, package: { name } }) => `${vulnerability} ${name}`);
  const other = (JSON.parse(theirs).Results ?? [])
    .flatMap(({ Vulnerabilities = [] }) => Vulnerabilities)
    .map(({ VulnerabilityID, PkgName }) => `${VulnerabilityID} ${PkgName}`);
  const [a, b] = [new Set(mine), new Set(other)];
  const lone = [...a.symmetricDifference(b)];
  if (a.size === 0 || lone.length > 0) {
    throw new Error(`scapfeed finds ${a.size} flaws and trivy ${b.size}; ${lone.slice(0, 5).join(', ')}`);
  }
  return a.size;
}

/** The OVAL of the same feed, by oscap on an unpacked root. */
async function besideOscap(folder, { feed, systems: made }, runs) {
  const root = join(folder, 'root');
  for (const [path, content] of Object.entries(made.large)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  const oval = join(folder, 'oval.xml');
  copyFileSync(join(feed, 'oval/debian-11.oval.xml'), oval);
  const { a, b } = await measurePair(
    { command: process.execPath, args: [cli, 'scan', `dir:${root}`, '--feed', feed, '--max-age', '0'] },
    { command: 'oscap', args: ['oval', 'eval', oval], env: { OSCAP_PROBE_ROOT: root } },
    { runs, warmup: 0 },
  );
  const common = { referenceName: 'oscap oval eval' };
  return [
    figure({
      name: 'scan of that system',
      value: a.wall,
      unit: 's',
      reference: b.wall,
      target: 1,
      ...common,
    }),
    figure({ name: 'its memory', value: a.rss, unit: 'MB', reference: b.rss, target: 1, ...common }),
  ];
}

function unpack(name, folder, ...members) {
  execFileSync('tar', ['--zstd', '-xf', join(data, 'real', `${name}.tar.zst`), '-C', folder, ...members]);
}

function scapfeed(...args) {
  return output(process.execPath, [cli, ...args]);
}

/** Standard output of a command; its exit code says what it found, which is not what is measured. */
function output(command, args) {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    if (error.status === 4 || error.status === 1) return error.stdout;
    throw error;
  }
}
