// Makes an OSV archive of full size in Canonical's layout: `node bench/generate-ubuntu.mjs DIR [CVES]`.
// 55,000 records over 32 ecosystems; every tenth is as large as UBUNTU-CVE-2025-71115: 234 entries, some 890 kB.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const versionsOfKernel = 40;
const binariesOfKernel = 15;
const sources = 4000;
const lts = [
  ['14.04', 'trusty'],
  ['16.04', 'xenial'],
  ['18.04', 'bionic'],
  ['20.04', 'focal'],
  ['22.04', 'jammy'],
  ['24.04', 'noble'],
  ['26.04', 'resolute'],
];
const interim = [
  ['24.10', 'oracular'],
  ['25.04', 'plucky'],
  ['25.10', 'questing'],
  ['26.10', 'stonking'],
];

/** Distro of the purl -> ecosystem: 32 ecosystems, some of which hold several ESM channels. */
const ecosystems = new Map([
  ...lts.map(([version, codename]) => [codename, `Ubuntu:${version}:LTS`]),
  ...interim.map(([version, codename]) => [codename, `Ubuntu:${version}`]),
  ...lts.map(([version, codename]) => [`esm-infra/${codename}`, `Ubuntu:Pro:${version}:LTS`]),
  ...lts.map(([version, codename]) => [`esm-apps/${codename}`, `Ubuntu:Pro:${version}:LTS`]),
  ['esm-infra-legacy/trusty', 'Ubuntu:Pro:14.04:LTS'],
  ...lts.slice(1, 4).map(([version, codename]) => [`fips/${codename}`, `Ubuntu:Pro:FIPS:${version}:LTS`]),
  ...lts
    .slice(1, 6)
    .map(([version, codename]) => [`fips-updates/${codename}`, `Ubuntu:Pro:FIPS-updates:${version}:LTS`]),
  ['fips-preview/jammy', 'Ubuntu:Pro:FIPS-preview:22.04:LTS'],
  ...lts
    .slice(4)
    .map(([version, codename]) => [`realtime/${codename}`, `Ubuntu:Pro:${version}:LTS:Realtime:Kernel`]),
  ['bluefield/jammy', 'Ubuntu:22.04:LTS:for:NVIDIA:BlueField'],
  ['bluefield/noble', 'Ubuntu:24.04:LTS:for:NVIDIA:BlueField'],
]);

/** Kernels of UBUNTU-CVE-2025-71115 by distro: 234 in all. */
const kernelsOf = Object.entries({
  'esm-infra-legacy/trusty': 4,
  xenial: 1,
  'esm-infra/xenial': 8,
  'fips/xenial': 1,
  'fips-updates/xenial': 1,
  bionic: 15,
  'esm-infra/bionic': 13,
  'fips/bionic': 4,
  'fips-updates/bionic': 4,
  focal: 29,
  'esm-infra/focal': 22,
  'fips/focal': 4,
  'fips-updates/focal': 4,
  jammy: 60,
  'fips-preview/jammy': 4,
  'fips-updates/jammy': 4,
  'realtime/jammy': 3,
  'bluefield/jammy': 1,
  noble: 36,
  'fips-updates/noble': 4,
  'realtime/noble': 3,
  questing: 9,
});

/** Writes the OSV archive and the database of the notices below DIR, as a mirror has them; returns what is in them. */
export async function generateUbuntu(directory, cves = 55_000) {
  const folder = join(directory, 'security-metadata.canonical.com', 'osv');
  mkdirSync(folder, { recursive: true });
  const xz = spawn('xz', ['-0', '-T2', '-c'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const done = once(xz.stdout.pipe(createWriteStream(join(folder, 'osv-all.tar.xz'))), 'finish');
  const random = generator(42);
  const kernelParts = makeKernelParts();
  const notices = {};
  const total = { records: cves, entries: 0, bytes: 0 };
  for (let at = 0; at < cves; at++) {
    // Most records are of late years.
    const year = 2006 + Math.floor(21 * Math.sqrt(at / cves));
    const cve = `CVE-${year}-${10_000 + at}`;
    const kernel = at % 10 === 0;
    const rows = kernel ? [] : plainRows(random, at, year);
    const entries = kernel ? kernelRecord(kernelParts, at) : rows.map(plainEntry);
    if (at % 4 === 1) notices[`${1000 + at}-1`] = notice(cve, rows);
    const text = record(cve, entries, random);
    total.entries += entries.length;
    total.bytes += text.length;
    const content = Buffer.from(text);
    const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
    const name = `osv/cve/${year}/UBUNTU-${cve}.json`;
    if (!xz.stdin.write(Buffer.concat([tarHeader(name, content.length), content, padding]))) {
      await once(xz.stdin, 'drain');
    }
  }
  xz.stdin.end(Buffer.alloc(1024));
  await done;
  writeDatabase(directory, notices);
  return total;
}

function record(cve, entries, random) {
  const priority = ['low', 'medium', 'medium', 'medium', 'high', 'negligible'][Math.floor(random() * 6)];
  const details = `A flaw of ${cve} lets ${'a local or remote user '.repeat(8)}do what is not allowed.`;
  return `{
  "schema_version": "1.7.0",
  "id": "UBUNTU-${cve}",
  "details": "${details}",
  "aliases": [],
  "upstream": [
    "${cve}"
  ],
  "related": [],
  "severity": [
    {
      "type": "CVSS_V3",
      "score": "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H"
    },
    {
      "type": "Ubuntu",
      "score": "${priority}"
    }
  ],
  "published": "${cve.slice(4, 8)}-06-18T11:15:00Z",
  "modified": "2026-06-18T11:15:00Z",
  "affected": [
${entries.join(',\n')}
  ],
  "references": [
    {
      "type": "REPORT",
      "url": "https://ubuntu.com/security/${cve}"
    },
    {
      "type": "REPORT",
      "url": "https://www.cve.org/CVERecord?id=${cve}"
    }
  ]
}
`;
}

function entry(distro, source, current, fixed, lists) {
  const fix = fixed ? `,\n            {\n              "fixed": "${current}"\n            }` : '';
  return `    {
      "package": {
        "ecosystem": "${ecosystems.get(distro)}",
        "name": "${source}",
        "purl": "pkg:deb/ubuntu/${source}@${current}?arch=source&distro=${distro}"
      },
      "ranges": [
        {
          "type": "ECOSYSTEM",
          "events": [
            {
              "introduced": "0"
            }${fix}
          ]
        }
      ],
${lists}
    }`;
}

function lists(versions, binaries, current) {
  return `      "versions": [
${versions.map((version) => `        "${version}"`).join(',\n')}
      ],
      "ecosystem_specific": {
        "binaries": [
${binaries.map((name) => `          {\n            "binary_name": "${name}",\n            "binary_version": "${current}"\n          }`).join(',\n')}
        ],
        "availability": "No subscription required"
      }`;
}

/** The long lists of a kernel's entry, made once for each distro, source and state of the archive. */
function makeKernelParts() {
  return kernelsOf.flatMap(([distro, count]) =>
    Array.from({ length: count }, (_, n) => {
      const base = !distro.includes('/') || distro.startsWith('esm');
      const flavour = `${base ? '' : `-${distro.split('/')[0]}`}${n === 0 ? '' : `-flavour${n}`}`;
      return Array.from({ length: 8 }, (_, state) => kernelStates(distro, `linux${flavour}`, 20 + state * 5));
    }),
  );
}

/** An entry with its fix and one without. */
function kernelStates(distro, source, abi) {
  const current = `5.15.0-${abi}.${abi + 10}`;
  const versions = Array.from(
    { length: versionsOfKernel },
    (_, back) => `5.15.0-${abi - 1}.${abi + back}~${distro}`,
  );
  const binaries = Array.from(
    { length: binariesOfKernel },
    (_, n) => `${source}-modules-extra-5.15.0-${abi}-${n}`,
  );
  const body = lists(versions, binaries, current);
  return [true, false].map((fixed) => entry(distro, source, current, fixed, body));
}

function kernelRecord(parts, at) {
  return parts.map((states, place) => states[Math.floor(at / 7000) % 8][(at / 10 + place) % 4 === 0 ? 1 : 0]);
}

function plainRows(random, at, year) {
  // Some sources have many flaws, most have few.
  const source = `source${Math.floor(sources * random() ** 3)}`;
  return distrosOf(year, random).map((distro, n) => {
    const version = `1.${at % 50}.${n}-${1 + (at % 9)}ubuntu0.${1 + Math.floor(random() * 9)}`;
    return { distro, source, version, fixed: random() < 0.4, at, n };
  });
}

function plainEntry({ distro, source, version, fixed, at, n }) {
  const versions = Array.from({ length: 10 }, (_, back) => `1.${at % 50}.${n}-${back}`);
  const binaries = Array.from({ length: 4 }, (_, b) => `lib${source}-${b}`);
  return entry(distro, source, version, fixed, lists(versions, binaries, version));
}

/** The notice that published a record's fixes, as the database has it. */
function notice(cve, rows) {
  const fixes = rows.filter(({ fixed }) => fixed);
  const releases = fixes.map(({ distro, source, version }) => [
    distro.split('/').at(-1),
    { sources: { [source]: { version, description: 'what it is for' } } },
  ]);
  return {
    title: `${rows[0]?.source} vulnerability`,
    timestamp: 1_700_000_000,
    cves: [cve],
    releases: Object.fromEntries(releases),
  };
}

function writeDatabase(directory, notices) {
  const folder = join(directory, 'usn.ubuntu.com', 'usn-db');
  mkdirSync(folder, { recursive: true });
  // Readers go by the first bytes, not by the name; Node has no bzip2.
  writeFileSync(join(folder, 'database-all.json.bz2'), gzipSync(JSON.stringify(notices)));
}

/** Releases that a flaw of a year is told of: those of the twelve years before, ended ones by their ESM rows. */
function distrosOf(year, random) {
  const releaseYear = ([version]) => 2000 + Number(version.slice(0, 2));
  const live = [...lts, ...interim].filter(
    (release) => releaseYear(release) <= year && releaseYear(release) >= year - 12,
  );
  const told = live
    .filter(() => random() < 0.8)
    .map((release) => {
      const ended = releaseYear(release) <= 2020 && random() < 0.7;
      return ended && lts.includes(release)
        ? `esm-${random() < 0.5 ? 'infra' : 'apps'}/${release[1]}`
        : release[1];
    });
  return told.length > 0 ? told : [lts[Math.floor(random() * lts.length)][1]];
}

function tarHeader(name, size) {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return header;
}

/** Mulberry32: the same numbers on every machine. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [directory, cves] = process.argv.slice(2);
  if (!directory) throw new Error('usage: node bench/generate-ubuntu.mjs DIR [CVES]');
  console.log(await generateUbuntu(directory, cves === undefined ? undefined : Number(cves)));
}
