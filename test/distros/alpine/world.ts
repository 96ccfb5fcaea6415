import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tarHeader } from '../../../src/io/tar/write.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Version -> entries, of one source. */
export type Secfixes = Readonly<Record<string, readonly string[]>>;

/** One repository of a branch. */
export interface AlpineRepository {
  secfixes: Readonly<Record<string, Secfixes>> | string;
  /** Shipped packages: `name version origin?`; absent: the mirror has no index. */
  ships?: readonly string[];
  /** Seconds since 1970. */
  built?: number;
}

/** `v3.20/main` -> what it has, in a mirror's layout. */
export function writeAlpineMirror(repositories: Readonly<Record<string, AlpineRepository>>): string {
  const folder = temporaryFolder('alpine');
  const write = (path: string, content: string | Buffer) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [at, { secfixes, ships, built = 1_790_000_000 }] of Object.entries(repositories)) {
    const text = typeof secfixes === 'string' ? secfixes : secdb(at, secfixes);
    write(`secdb.alpinelinux.org/${at}.json`, text);
    if (ships)
      write(`dl-cdn.alpinelinux.org/alpine/${at}/x86_64/APKINDEX.tar.gz`, packageIndex(ships, built));
  }
  return folder;
}

export function secdb(at: string, sources: Readonly<Record<string, Secfixes>>): string {
  const [distroversion, reponame] = at.split('/');
  const packages = Object.entries(sources).map(([name, secfixes]) => ({ pkg: { name, secfixes } }));
  return JSON.stringify({ distroversion, reponame, archs: ['x86_64'], packages });
}

/** As apk's tools write it: a signature, and then the index, each a gzip member without the end of a tar. */
export function packageIndex(ships: readonly string[], built: number): Buffer {
  const records = ships.map((line) => {
    const [name, version, origin = name] = line.split(' ');
    return `C:Q1aaaaaaaaaaaaaaaaaaaaaaaaaaa=\nP:${name}\nV:${version}\nA:x86_64\no:${origin}\nt:${built}\n\n`;
  });
  return indexOf(records.join(''));
}

/** An index with this text, whatever it is. */
export function indexOf(text: string): Buffer {
  const signature = member('.SIGN.RSA.test.rsa.pub', Buffer.alloc(256, 7));
  const index = Buffer.concat([
    member('DESCRIPTION', Buffer.from('a test\n')),
    member('APKINDEX', Buffer.from(text)),
    Buffer.alloc(1024),
  ]);
  return Buffer.concat([gzipSync(signature), gzipSync(index)]);
}

function member(name: string, content: Buffer): Buffer {
  return Buffer.concat([
    tarHeader(name, content.length),
    content,
    Buffer.alloc((512 - (content.length % 512)) % 512),
  ]);
}
