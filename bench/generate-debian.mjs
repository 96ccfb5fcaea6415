// A full-size Debian input in a mirror's layout: tracker, advisory lists and package indexes.
//   node bench/generate-debian.mjs DIR [SOURCES CVES]
//   scapfeed build --source debian --mirror DIR --unsigned-mirror

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { random, releases, universe } from './debian-universe.mjs';

const day = 'Tue, 24 Nov 2026 00:00:00 GMT';
const lists = 'salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data';

/** Writes the mirror; `compression` is that of the package indexes (xz as the vendor's where the tool is there). */
export function generateDebian(
  dir,
  { sources = 4000, cves = 40_000, roster = 30_000, yearly = false, compression = bestCompression() } = {},
) {
  const all = universe({ sources, cves, roster, yearly });
  const advisories = [];
  const dates = {};
  const write = (path, write) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    write(join(dir, path));
    dates[path] = day;
  };

  const counts = { pairs: 0, rows: 0, trackerBytes: 0 };
  write('security-tracker.debian.org/tracker/data/json', (file) =>
    writeTracker(file, all, advisories, counts),
  );
  write(`${lists}/DSA/list`, (file) =>
    writeFileSync(file, listText(advisories.filter(({ kind }) => kind === 'DSA'))),
  );
  write(`${lists}/DLA/list`, (file) =>
    writeFileSync(file, listText(advisories.filter(({ kind }) => kind === 'DLA'))),
  );
  for (const release of releases) {
    for (const suite of suitesOf(release)) {
      const path = `${suite.archive}/dists/${suite.name}/main/binary-amd64/Packages.${compression}`;
      write(path, (file) =>
        writeFileSync(file, compress(packagesText(all, release, suite.pocket), compression)),
      );
    }
  }
  writeFileSync(join(dir, 'last-modified.json'), JSON.stringify(dates, null, 1));
  return { sources: all.length, advisories: advisories.length, ...counts };
}

// Images hold what is widely used, which is where flaws are found: spread over this many sources of the tracker, a status
// has about five open flaws a package, as bullseye's minbase has in the real data (444 on 96 packages).
const imageSources = 500;

/**
 * A dpkg status of `packages` binaries as bookworm's main archive has them, without any security update. Spread over more
 * sources (`among`) it has fewer flaws.
 */
export function generateDpkgStatus({
  packages = 250,
  among = imageSources,
  sources = 4000,
  cves = 40_000,
  roster = 30_000,
  yearly = false,
} = {}) {
  const all = universe({ sources, cves, roster, yearly });
  const bookworm = releases.find(({ codename }) => codename === 'bookworm');
  // The giants at the head are no part of a server's image.
  const known = all.filter(({ ids }) => ids.length > 0).slice(6, among);
  const stanzas = known.flatMap((source) =>
    source.binaries.map((binary) => installed(source, binary, bookworm)),
  );
  const step = stanzas.length / packages;
  // As dpkg writes it: an empty line behind each, without which the last one would look cut off.
  return Array.from({ length: packages }, (_, at) => `${stanzas[Math.floor(at * step)]}\n`).join('');
}

function writeTracker(path, all, advisories, counts) {
  const file = openSync(path, 'w');
  let separator = '{';
  for (const source of all) {
    if (source.ids.length === 0) continue;
    const pairs = source.ids.map((id, at) => pairText(source, id, at, advisories, counts));
    const text = `${separator}${JSON.stringify(source.name)}:{${pairs.join(',')}}`;
    counts.trackerBytes += writeSync(file, text);
    separator = ',';
  }
  counts.trackerBytes += writeSync(file, '}');
  closeSync(file);
}

function pairText(source, id, at, advisories, counts) {
  const next = random(source.seed * 65_537 + at);
  const upload = Math.floor((at / source.ids.length) * source.uploads);
  const urgency = next() < 0.08 ? 'unimportant' : next() < 0.06 ? 'low' : 'not yet assigned';
  const rows = {};
  for (const release of releases) {
    rows[release.codename] = row(source, release, upload, urgency, next());
    announce(source, id, release, rows[release.codename], advisories);
    counts.rows++;
  }
  counts.pairs++;
  const pair = {
    description: description(source, next),
    scope: next() < 0.7 ? 'remote' : 'local',
    releases: rows,
  };
  return `${JSON.stringify(id)}:${JSON.stringify(pair)}`;
}

/** A flaw that was fixed before the release began is fixed by sid's version; later ones meet their own fate. */
function row(source, release, upload, urgency, fate) {
  const base = source.base[release.codename];
  const main = source.version(base);
  const repositories = { [release.codename]: main };
  const resolved = (version) => ({ status: 'resolved', repositories, fixed_version: version, urgency });
  if (fate < 0.01) return { status: 'undetermined', repositories, urgency };
  if (upload <= base) return resolved(source.version(upload));
  if (fate < 0.12) return { ...resolved('0'), urgency: 'unimportant' };
  if (release.suffix === '' || fate > 0.85) return { status: 'open', repositories, urgency };
  if (fate > 0.72) return noted(repositories, urgency, '');
  if (fate > 0.68) return noted(repositories, urgency, 'postponed');
  if (fate > 0.63) return noted(repositories, urgency, 'ignored');
  if (fate > 0.62) return { status: 'open', repositories, urgency: 'end-of-life' };
  const update = `${main}${release.suffix}${1 + Math.floor((upload - base) / 2)}`;
  repositories[`${release.codename}-security`] = update;
  return resolved(update);
}

function noted(repositories, urgency, reason) {
  return { status: 'open', repositories, urgency, nodsa: 'small effect', nodsa_reason: reason };
}

/** Updates of stable releases are announced, all flaws of one upload together. */
function announce(source, id, release, { fixed_version: version }, advisories) {
  if (version === undefined || release.suffix === '' || !version.includes(release.suffix)) return;
  const key = `${source.name} ${release.codename} ${version}`;
  const last =
    advisories.at(-1)?.source === source.name ? advisories.find((one) => one.key === key) : undefined;
  if (last) last.ids.add(id);
  else
    advisories.push({
      key,
      source: source.name,
      release: release.codename,
      version,
      ids: new Set([id]),
      kind: release.codename === 'bullseye' ? 'DLA' : 'DSA',
    });
}

function listText(advisories) {
  return advisories
    .map(({ kind, source, release, version, ids }, at) => {
      const date = `${String(1 + (at % 28)).padStart(2, '0')} ${['Jan', 'Apr', 'Jul', 'Oct'][at % 4]} ${2021 + (at % 6)}`;
      return `[${date}] ${kind}-${1000 + at}-1 ${source} - security update\n\t{${[...ids].sort().join(' ')}}\n\t[${release}] - ${source} ${version}\n`;
    })
    .join('');
}

function description(source, next) {
  const effects = [
    'a crash',
    'code execution',
    'a leak of memory',
    'a bypass of checks',
    'a denial of service',
  ];
  const causes = ['a heap overflow', 'a use after free', 'a missing check', 'an integer overflow', 'a race'];
  const pick = (list) => list[Math.floor(next() * list.length)];
  const part = `${pick(causes)} in function ${source.name.replaceAll('-', '_')}_${Math.floor(next() * 900)}`;
  return `${source.name} before ${source.version(Math.floor(next() * source.uploads))} has ${part} that leads to ${pick(effects)} when a crafted input of ${Math.floor(next() * 9000)} bytes is read; other versions and other functions of the same file were not looked at in this made-up entry.`;
}

function suitesOf({ codename, suffix }) {
  const main = { name: codename, archive: 'ftp.debian.org/debian', pocket: 'main' };
  if (suffix === '') return [main];
  return [
    main,
    { name: `${codename}-updates`, archive: 'ftp.debian.org/debian', pocket: 'updates' },
    { name: `${codename}-security`, archive: 'security.debian.org/debian-security', pocket: 'security' },
  ];
}

function packagesText(all, release, pocket) {
  const inPocket = {
    main: () => true,
    updates: ({ seed }) => seed % 997 === 5,
    security: ({ flaws, seed }) => flaws > 2 && seed % 3 === 0,
  };
  const chosen = all.filter(inPocket[pocket]);
  const suffix = pocket === 'security' ? `${release.suffix}9` : '';
  return chosen
    .flatMap((source) => source.binaries.map((binary) => stanza(source, binary, release, suffix)))
    .join('\n');
}

/** As long as a real stanza, which is what decompressing and parsing take their time for. */
function stanza(source, binary, release, suffix) {
  const version = `${source.version(source.base[release.codename])}${suffix}`;
  const rebuilt = suffix === '' && source.seed % 6 === 0;
  const digest = createHash('sha256').update(`${binary} ${version}`).digest('hex');
  return `Package: ${binary}\n${sourceField(source, binary, version, rebuilt)}Version: ${version}${rebuilt ? '+b1' : ''}
Installed-Size: ${100 + source.seed}
Maintainer: Debian ${source.name} Maintainers <${source.name}@packages.debian.org>
Architecture: amd64
Depends: libc6 (>= 2.36), ${source.binaries.map((name) => `${name} (= ${version})`).join(', ')}
Description: made-up package ${binary} for measuring
Homepage: https://${source.name}.example/
Description-md5: ${digest.slice(0, 32)}
Tag: devel::library, implemented-in::c, role::shared-lib, uitoolkit::ncurses, works-with::text
Section: libs
Priority: optional
Filename: pool/main/${source.name[0]}/${source.name}/${binary}_${version}_amd64.deb
Size: ${10_000 + source.seed * 7}
SHA256: ${digest}
`;
}

function installed(source, binary, release) {
  const version = source.version(source.base[release.codename]);
  const rebuilt = source.seed % 6 === 0;
  return `Package: ${binary}
Status: install ok installed
Priority: optional
Section: libs
Architecture: amd64
${sourceField(source, binary, version, rebuilt)}Version: ${version}${rebuilt ? '+b1' : ''}
Description: made-up package ${binary} for measuring
`;
}

function sourceField(source, binary, version, rebuilt) {
  if (rebuilt) return `Source: ${source.name} (${version})\n`;
  return binary === source.name ? '' : `Source: ${source.name}\n`;
}

function compress(text, compression) {
  if (compression === 'gz') return gzipSync(text, { level: 6 });
  return execFileSync('xz', ['-0', '-T1', '-c'], { input: text, maxBuffer: 2 ** 30 });
}

function bestCompression() {
  try {
    execFileSync('xz', ['--version'], { stdio: 'ignore' });
    return 'xz';
  } catch {
    return 'gz';
  }
}

if (process.argv[1] === import.meta.filename) {
  const [dir, sources, cves] = process.argv.slice(2);
  if (dir === undefined) throw new Error('usage: node bench/generate-debian.mjs DIR [SOURCES CVES]');
  console.log(
    generateDebian(dir, {
      ...(sources && { sources: Number(sources) }),
      ...(cves && { cves: Number(cves) }),
    }),
  );
}
