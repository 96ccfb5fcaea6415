import { createReadStream, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ubuntuDefinition } from '../../../src/distros/ubuntu/definition.ts';
import { readUbuntu } from '../../../src/distros/ubuntu/read.ts';
import { Collector, compile, writeCompiled } from '../../../src/feed/compile/index.ts';
import { decompress } from '../../../src/io/decompress.ts';
import { tarFiles } from '../../../src/io/tar/files.ts';
import type { Claim, Statement } from '../../../src/model/feed/index.ts';
import { makeManifest } from '../../../src/model/feed/make-manifest.ts';
import type { InstalledPackage } from '../../../src/model/inventory/index.ts';
import { type Feed, openFeed } from '../../../src/runtime/node.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from '../../../src/sources/snapshots.ts';
import { dataPath } from '../../support/data.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Day of every input of these tests. */
export const inputDay = '2026-11-20T00:00:00.000Z';

/** Inputs by id: bytes, or the path of a file. */
export type InputFiles = Readonly<Record<string, Buffer | string>>;

/** The recorded documents of the data folder. */
export const recorded = {
  osv: () => dataPath('mirror', 'security-metadata.canonical.com', 'osv', 'osv-all.tar.xz'),
  vex: () => dataPath('mirror', 'security-metadata.canonical.com', 'vex', 'vex-all.tar.xz'),
  tracker: () => dataPath('ubuntu', 'ubuntu-cve-tracker-2020-06.tar.gz'),
};

/** The recorded OSV archive with a record beside it that keeps the form of 2024. */
export async function recordedOsv(): Promise<Buffer> {
  const files: Record<string, string> = {
    'osv/cve/2024/CVE-2024-0553.json': readFileSync(
      dataPath('ubuntu', 'more', 'osv', 'cve', '2024', 'CVE-2024-0553.json'),
      'utf8',
    ),
  };
  const plain = decompress(createReadStream(recorded.osv()), { maxBytes: 1 << 30, where: 'osv-all.tar.xz' });
  for await (const { name, content } of tarFiles(plain, { where: 'osv-all.tar.xz' })) {
    files[name] = content.toString('utf8');
  }
  return tar(files);
}

/** A tar (ustar) of small files by name. */
export function tar(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    return [tarHeader(name, content.length), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function tarHeader(name: string, size: number, type = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** Stores the inputs as snapshots, as a fetch would have. */
export async function stored(files: InputFiles): Promise<{ snapshots: Snapshot[]; store: SnapshotStore }> {
  const store = openSnapshotStore(temporaryFolder('ubuntu'));
  const snapshots: Snapshot[] = [];
  for (const [id, file] of Object.entries(files)) {
    const url = `https://example.test/${id}`;
    const body = typeof file === 'string' ? createReadStream(file) : pieces(file);
    snapshots.push(await store.save({ id, source: 'ubuntu', url }, body));
  }
  return { snapshots, store };
}

export async function read(files: InputFiles): Promise<Collector> {
  const { snapshots, store } = await stored(files);
  const collector = new Collector('ubuntu');
  await readUbuntu(snapshots, store, collector, ubuntuDefinition);
  return collector;
}

/** A feed as a build makes it, opened. */
export async function feedOf(files: InputFiles): Promise<Feed> {
  const { snapshots, store } = await stored(files);
  const collector = new Collector('ubuntu');
  await readUbuntu(snapshots, store, collector, ubuntuDefinition);
  const directory = temporaryFolder('ubuntu-feed');
  const written = writeCompiled(directory, compile([collector], snapshots));
  const manifest = makeManifest({
    toolVersion: '0.0.0',
    created: inputDay,
    inputs: snapshots,
    sources: [],
    ...written,
  });
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return openFeed(directory);
}

/** Every claim that a collector holds of a platform, by `CVE SOURCE`. */
export function claimsOf(collector: Collector, platform: string): Map<string, Claim[]> {
  const claims = new Map<string, Claim[]>();
  const collected = collector.platforms.find((candidate) => candidate.platform.id === platform);
  for (const [source, groups] of collected?.packages ?? []) {
    for (const [key, ids] of groups) {
      for (const id of ids) {
        const name = `${id} ${source}`;
        claims.set(name, [...(claims.get(name) ?? []), JSON.parse(key) as Claim]);
      }
    }
  }
  return claims;
}

export function platformIds(collector: Collector): string[] {
  return collector.platforms.map(({ platform }) => platform.id).sort();
}

/** Claims as short words: `esm-infra: fixed 1.2-3`, `affected none_yet (unconfirmed)`. */
export function words(claims: readonly (Claim | Statement)[] = []): string[] {
  return claims
    .map(({ channel, status, fixed, fixState, reason, channelFix }) => {
      const what = [status, fixed, fixState, reason && `(${reason})`, channelFix && `at ${channelFix}`];
      return `${channel === undefined ? '' : `${channel}: `}${what.filter(Boolean).join(' ')}`;
    })
    .sort();
}

/** Installed packages of a list of the data folder. */
export function packageList(name: string): InstalledPackage[] {
  const lines = readFileSync(dataPath('expected-inventory', `${name}.tsv`), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.flatMap((line) => {
    const [binary = '', arch = '', version = '', source = '', sourceVersion = '', state = ''] =
      line.split('\t');
    if (!state.startsWith('ii')) return [];
    return [
      {
        type: 'deb' as const,
        name: binary,
        version,
        arch,
        source: { name: source, version: sourceVersion },
        database: '/var/lib/dpkg/status',
      },
    ];
  });
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  // Odd sizes, so that records are cut anywhere.
  for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
}
