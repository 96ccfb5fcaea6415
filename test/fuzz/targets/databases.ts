import { constants, zstdCompressSync } from 'node:zlib';
import { readInventory } from '../../../src/inventory/index.ts';
import { applicationInventory } from '../../distros/rebuild/bottlerocket/world.ts';
import { pacmanEntry, pacmanMarker } from '../../packaging/alpm/entry.ts';
import { portageEntry } from '../../packaging/ebuild/entry.ts';
import { type MemoryLayer, memoryView } from '../../support/memory-view.ts';
import { rpmBdb } from '../../support/rpm-bdb.ts';
import { rpmHeader } from '../../support/rpm-header.ts';
import { rpmNdb } from '../../support/rpm-ndb.ts';
import { rpmSqlite, sqliteWal } from '../../support/rpm-sqlite.ts';
import { damageBytes, damageJson } from '../mutate.ts';
import { anotherList, shorterList, type Target } from '../target.ts';

const page = 4096;
const headers = [50, 3000, 9000, 10, 700, 20, 900, 5000].map((padding, at) =>
  rpmHeader({
    name: `p${at}`,
    version: '1',
    release: '2',
    epoch: at,
    sourceRpm: `s${at}-1-2.src.rpm`,
    padding,
  }),
);

/** Name and version of each package; undefined where the database is said to be incomplete, or to list nothing. */
export function packageList(layer: MemoryLayer): string | undefined {
  const { databases, packages } = readInventory(memoryView(layer));
  const complete = databases.every(({ incomplete }) => !incomplete);
  if (!complete || packages.length === 0) return undefined;
  return packages.map(({ name, version }) => `${name} ${version}\n`).join('');
}

/** A target whose input is one file of an image that has these others. */
function file(name: string, path: string, seeds: Record<string, Buffer>, others: MemoryLayer = {}): Target {
  return {
    name,
    seeds: async () => seeds,
    mutate: damageBytes,
    run: async (input) => packageList({ ...others, [path]: input }),
    judge: shorterList,
  };
}

function zeroed(bytes: Buffer, at: number): Buffer {
  return Buffer.from(bytes).fill(0, at * page, (at + 1) * page);
}

function copied(bytes: Buffer, from: number, to: number): Buffer {
  const changed = Buffer.from(bytes);
  bytes.copy(changed, to * page, from * page, (from + 1) * page);
  return changed;
}

const bdb = rpmBdb(headers);
const lastHashPage = [...Array(bdb.length / page).keys()].findLast((at) => bdb[at * page + 25] === 13)!;

const indexed = headers.map((_, at) => `p${at}`);
const sqlite = rpmSqlite(headers.slice(0, -1), undefined, indexed.slice(0, -1));
const newer = rpmSqlite(headers, undefined, indexed);
const log = sqliteWal(
  Array.from({ length: newer.length / page }, (_, at) => ({
    number: at + 1,
    page: newer.subarray(at * page, (at + 1) * page),
  })),
  { pageCount: newer.length / page },
);

const stanza = (name: string, more = '') =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: all\n${more}Version: 1:2\nDescription: of ${name}\n more\n\n`;
const names = ['adduser', 'base-files', 'libc6', 'zlib1g'];
const status = Buffer.from(names.map((name, at) => stanza(name, at % 2 ? 'Source: x (1)\n' : '')).join(''));
const lists = Object.fromEntries(names.map((name) => [`/var/lib/dpkg/info/${name}.list`, '/.\n']));
const folder = '/var/lib/dpkg/status.d';

const manifest = zstdCompressSync(
  ['base-files', 'openssl']
    .map((name) => `{"kind":"package","name":"${name}","version":"1","arch":"amd64"}\n`)
    .reduce((before, line) => before + line, '{"jsonwall":"1.0","schema":"1.0","count":3}\n'),
  { params: { [constants.ZSTD_c_checksumFlag]: 1 } },
);

const pacman = pacmanEntry('gcc-libs', '14.2.1+r753-1', { BASE: 'gcc' });

const portage = portageEntry('dev-lang/python-3.12.3_p1-r2', { SLOT: '3.12' });

export const databaseTargets: readonly Target[] = [
  {
    ...file('berkeley-db', '/var/lib/rpm/Packages', {
      little: bdb,
      big: rpmBdb(headers, { bigEndian: true }),
    }),
    kept: {
      'one zeroed page of records': ({ little }) => zeroed(little!, lastHashPage),
      'a record with the number of the counter': ({ little }) => {
        const bytes = Buffer.from(little!);
        bytes.writeUInt32LE(0, bytes.indexOf(Buffer.from([1, 2, 0, 0, 0])) + 1);
        return bytes;
      },
      'a value of another record': ({ little }) => copied(little!, 1, 2),
    },
  },
  {
    ...file('ndb', '/var/lib/rpm/Packages.db', { ndb: rpmNdb(headers) }),
    judge: anotherList,
    kept: {
      'a slot of no record': ({ ndb }) => Buffer.from(ndb!).fill(0, 52, 64),
      'a version of another digit': ({ ndb }) => {
        const bytes = Buffer.from(ndb!);
        bytes[bytes.indexOf('p3\0', 0, 'latin1') + 3] = 0x39;
        return bytes;
      },
    },
  },
  {
    ...file('sqlite', '/var/lib/rpm/rpmdb.sqlite', { sqlite: newer }),
    kept: {
      'leaves of the table in the place of its root and of its index': ({ sqlite: seed }) => {
        const leaf = seed!.readUInt32BE(page + 8) - 1;
        const index = seed!.length / page - 1;
        return copied(copied(seed!, leaf, 1), leaf, index);
      },
      'a root with fewer children': ({ sqlite: seed }) => {
        const bytes = Buffer.from(seed!);
        bytes.writeUInt16BE(bytes.readUInt16BE(page + 3) - 1, page + 3);
        return bytes;
      },
    },
  },
  {
    ...file('sqlite-log', '/var/lib/rpm/rpmdb.sqlite-wal', { log }, { '/var/lib/rpm/rpmdb.sqlite': sqlite }),
    // An empty log is what SQLite itself leaves behind: it lacks nothing.
    mutate: (seed, random) => {
      const log = damageBytes(seed, random);
      return log.length > 0 ? log : seed;
    },
  },
  {
    ...file('dpkg', '/var/lib/dpkg/status', { status }, lists),
    kept: {
      'cut off in a folded line': ({ status: seed }) => seed!.subarray(0, seed!.lastIndexOf('\n more') + 2),
      'a Status that is a comment': ({ status: seed }) =>
        Buffer.from(String(seed).replace('Status', '#tatus')),
    },
  },
  file('chisel', '/var/lib/chisel/manifest.wall', { manifest }),
  file(
    'status.d',
    `${folder}/base`,
    { base: Buffer.from('Package: base-files\nVersion: 12.4\nSource: base (12)\nArchitecture: amd64\n') },
    { [`${folder}/libc6`]: 'Package: libc6\nVersion: 2.36\n' },
  ),
  {
    ...file(
      'pacman',
      Object.keys(pacman)[0]!,
      { desc: Buffer.from(Object.values(pacman)[0]!) },
      { ...pacmanMarker, ...pacman, ...pacmanEntry('zlib', '1:1.3.1-2') },
    ),
    // The folder's name vouches for name and version.
    judge: anotherList,
  },
  {
    ...file(
      'portage',
      '/var/db/pkg/dev-lang/python-3.12.3_p1-r2/SLOT',
      { slot: Buffer.from('3.12\n') },
      { ...portage, ...portageEntry('sys-libs/zlib-1.3.1') },
    ),
    // The folder's name vouches for name and version.
    judge: anotherList,
  },
  // A list that lacks whole entries is still one: nothing in it says how many there are.
  {
    name: 'application-inventory',
    seeds: async () => ({
      list: Buffer.from(
        applicationInventory(['glibc 1:2.43-1.br1', 'kernel-6.1 0:6.1.172-1.br1', 'acpid 1.19.2-2']),
      ),
    }),
    mutate: damageJson,
    run: async (input) => packageList({ '/usr/share/bottlerocket/application-inventory.json': input }),
  },
];
