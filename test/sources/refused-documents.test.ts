import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { source as debian } from '../../src/distros/debian/source.ts';
import { source as redhat } from '../../src/distros/redhat/source.ts';
import { source as ubuntu } from '../../src/distros/ubuntu/source.ts';
import { createHttp } from '../../src/io/http/create-http.ts';
import { ScapfeedError } from '../../src/model/error.ts';
import type { Source } from '../../src/sources/contract.ts';
import { openSnapshotStore, type SnapshotStore } from '../../src/sources/snapshots.ts';
import { tar } from '../distros/ubuntu/support.ts';
import { temporaryFolder } from '../support/temporary.ts';

const sample = resolve(import.meta.dirname, '../../feeds/sample');
const csvPath = 'salsa.debian.org/debian/distro-info-data/-/raw/main/ubuntu.csv';
const jammyPath = 'archive.ubuntu.com/ubuntu/dists/jammy/main/binary-amd64/Packages.xz';
const vex = 'security.access.redhat.com/data/csaf/v2/vex';

/** Documents that a source asks for, by snapshot id, and what a later version of each looks like. */
interface Case {
  source: Source;
  mirror: () => string;
  documents: Record<string, { path: string; later: (content: Buffer) => Buffer; mayBeEmpty?: true }>;
}

const repacked = (content: Buffer) => gzipSync(gunzipSync(content), { level: 1 });
const blank = (content: Buffer) => Buffer.concat([content, Buffer.from('\n')]);
const cases: Record<string, Case> = {
  debian: {
    source: debian,
    mirror: () => copyOf(sample),
    documents: {
      'debian-tracker': { path: 'security-tracker.debian.org/tracker/data/json', later: blank },
      'debian-dsa': { path: listPath('DSA'), later: blank },
      'debian-dla': { path: listPath('DLA'), later: blank },
      'debian-packages-bookworm-main-amd64': {
        path: 'ftp.debian.org/debian/dists/bookworm/main/binary-amd64/Packages.gz',
        later: repacked,
      },
    },
  },
  redhat: {
    source: redhat,
    mirror: () => {
      const mirror = copyOf(sample);
      write(mirror, `${vex}/changes.csv`, '"2024/cve-2024-0001.json","2020-01-01T00:00:00+00:00"\n');
      write(mirror, `${vex}/deletions.csv`, '"2024/cve-2024-0002.json","2020-01-01T00:00:00+00:00"\n');
      write(mirror, `${vex}/index.txt`, '2024/cve-2024-0001.json\n');
      return mirror;
    },
    documents: {
      'redhat-vex-changes': { path: `${vex}/changes.csv`, later: blank },
      'redhat-vex-deletions': { path: `${vex}/deletions.csv`, later: blank, mayBeEmpty: true },
      'redhat-vex-index': { path: `${vex}/index.txt`, later: blank, mayBeEmpty: true },
      'redhat-repositories': {
        path: 'security.access.redhat.com/data/metrics/repository-to-cpe.json',
        later: blank,
      },
    },
  },
  ubuntu: {
    source: ubuntu,
    mirror: () => {
      const mirror = temporaryFolder();
      const documents = gzipSync(tar({ 'osv/README': 'empty\n'.repeat(300) }));
      for (const name of ['osv/osv-all.tar.xz', 'vex/vex-all.tar.xz'])
        write(mirror, `security-metadata.canonical.com/${name}`, documents);
      write(mirror, 'usn.ubuntu.com/usn-db/database-all.json.bz2', gzipSync('{}'.padEnd(300)));
      write(mirror, csvPath, 'version,codename,series,created,release,eol\n16.04 LTS,Xenial,xenial,,,\n');
      write(mirror, jammyPath, gzipSync('Package: demo\nVersion: 1.0\n'));
      return mirror;
    },
    documents: {
      'ubuntu-osv': { path: 'security-metadata.canonical.com/osv/osv-all.tar.xz', later: repacked },
      'ubuntu-vex': { path: 'security-metadata.canonical.com/vex/vex-all.tar.xz', later: repacked },
      'ubuntu-usn': { path: 'usn.ubuntu.com/usn-db/database-all.json.bz2', later: repacked },
      'ubuntu-releases': { path: csvPath, later: blank },
      'ubuntu-packages-jammy-main': { path: jammyPath, later: repacked },
    },
  },
};

/** Wrong content that comes with status 200 in place of a document. */
const bad: Record<string, (content: Buffer) => Buffer> = {
  'a page of HTML': () => Buffer.from('<!DOCTYPE html>\n<html><title>Maintenance</title></html>\n'),
  'a page of HTML, packed': () => gzipSync('<!DOCTYPE html>\n').subarray(0, -4),
  nothing: () => Buffer.alloc(0),
  'its first half': (content) => content.subarray(0, content.length >> 1),
  'all but its last byte but one': (content) => content.subarray(0, -2),
  'a word of a captive portal': () => Buffer.from('Please sign in to use this network.\n'),
  'an answer of a captive portal': () => Buffer.from('{"error":"sign in","url":"http://portal/"}\n'),
};

describe.each(Object.entries(cases))('a document of %s', (_, { source, mirror: made, documents }) => {
  describe.each(Object.entries(documents))('%s', (id, { path, later, mayBeEmpty }) => {
    const spoilt = Object.entries(bad).filter(([name]) => !(mayBeEmpty && name === 'nothing'));
    it.each(spoilt)(
      '%s in its place never replaces it, and is forgotten when it comes back',
      async (_, spoil) => {
        const mirror = made();
        const store = openSnapshotStore(temporaryFolder());
        const content = readFileSync(join(mirror, path));
        expect(await night(source, mirror, store, 1)).toBe('good');
        const first = await current(store, id);
        expect(first).toMatchObject({ size: content.length });

        write(mirror, path, spoil(content));
        const second = await night(source, mirror, store, 2);
        const { refused, ...kept } = (await current(store, id))!;
        expect(kept).toEqual(first);
        expect([second, refused]).toContainEqual(expect.stringMatching(/^(SOURCE|FETCH)_/));

        write(mirror, path, later(content));
        expect(await night(source, mirror, store, 3)).toBe('good');
        expect(await current(store, id)).toMatchObject({ size: later(content).length });
        expect(await current(store, id)).not.toHaveProperty('refused');
      },
    );
  });
});

const current = async (store: SnapshotStore, id: string) =>
  (await Promise.all(['debian', 'redhat', 'ubuntu'].map((source) => store.list(source))))
    .flat()
    .find((snapshot) => snapshot.id === id);

/** One fetch; every document of the mirror is dated that night. Gives `good` or the code of the error. */
async function night(source: Source, mirror: string, store: SnapshotStore, day: number): Promise<string> {
  const date = `Tue, 0${day} Dec 2026 00:00:00 GMT`;
  const paths = Object.values(cases).flatMap(({ documents }) => Object.values(documents));
  write(
    mirror,
    'last-modified.json',
    JSON.stringify(Object.fromEntries(paths.map(({ path }) => [path, date]))),
  );
  const http = createHttp({ mirror, env: {}, limits: { retries: 0 } });
  try {
    await source.fetch({ http, store, now: new Date(), unsignedMirror: true, progress: () => {} });
    return 'good';
  } catch (error) {
    if (error instanceof ScapfeedError) return error.code;
    throw error;
  } finally {
    await http.close();
  }
}

function copyOf(folder: string): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

function write(root: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function listPath(kind: string): string {
  return `salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data/${kind}/list`;
}
