import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type DebianDefinition, debianDefinition } from '../../../src/distros/debian/definition.ts';
import { createSource } from '../../../src/distros/debian/source.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import { openSnapshotStore } from '../../../src/sources/snapshots.ts';
import { type CollectingSink, collectingSink } from '../../support/sources.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const lists = 'salsa.debian.org/security-tracker-team/security-tracker/-/raw/master/data';

/** Documents that Debian publishes, in a mirror's layout; absent: an empty document. */
export interface DebianDocuments {
  /** An object, or the text itself where its form matters. */
  tracker: object | string;
  dsa?: string;
  dla?: string;
  /** Suite -> plain Packages; a suite that is not named has none. */
  packages?: Readonly<Record<string, string>>;
  /** YYYY-MM-DD of the newest advisory, which dates all of it. */
  date?: string;
}

/** An advisory list must hold something. */
function emptyList(date: string): string {
  const [, day, month, year] = /^\w+, (\d+) (\w+) (\d+)/.exec(new Date(date).toUTCString())!;
  return `[${day} ${month} ${year}] DSA-1-1 nothing\n\tNOTE: an advisory without package\n`;
}

/** Writes the documents as a mirror and gives its folder. */
export function writeMirror({
  tracker,
  dsa,
  dla,
  packages = {},
  date = '2026-11-24',
}: DebianDocuments): string {
  const folder = temporaryFolder();
  const files: Record<string, string | Uint8Array> = {
    'security-tracker.debian.org/tracker/data/json':
      typeof tracker === 'string' ? tracker : JSON.stringify(tracker),
    [`${lists}/DSA/list`]: dsa ?? emptyList(date),
    [`${lists}/DLA/list`]: dla ?? emptyList(date),
  };
  for (const [suite, text] of Object.entries(packages)) {
    const archive = suite.endsWith('-security')
      ? 'security.debian.org/debian-security'
      : 'ftp.debian.org/debian';
    files[`${archive}/dists/${suite}/main/binary-amd64/Packages.gz`] = gzipSync(text);
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** The whole way: mirror -> snapshots -> statements. */
export async function readWorld(
  documents: DebianDocuments,
  definition: DebianDefinition = debianDefinition,
): Promise<CollectingSink> {
  const http = createHttp({ mirror: writeMirror(documents) });
  const store = openSnapshotStore(temporaryFolder());
  const debian = createSource(definition);
  const snapshots = await debian.fetch({
    http,
    store,
    now: new Date(),
    progress: () => {},
    unsignedMirror: true,
  });
  const sink = collectingSink('debian');
  await debian.read(snapshots, store, sink);
  await http.close();
  return sink;
}

/** A tracker document of one package and vulnerability. */
export function pair(name: string, id: string, releases: object): object {
  return { [name]: { [id]: { description: 'in our words', releases } } };
}
