import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { openImage } from '../../../src/image/index.ts';
import { inventoryWanted, readInventory } from '../../../src/inventory/index.ts';
import { createHttp } from '../../../src/io/http/create-http.ts';
import type { Image } from '../../../src/model/inventory/index.ts';
import {
  descriptorOf,
  dockerArchive,
  imageLayout,
  makeImage,
  mediaTypes,
} from '../../image/support/make-image.ts';
import { dir, file, makeTar, symlink } from '../../image/support/make-tar.ts';
import { pieces } from '../../image/support/open.ts';
import { damageBytes, damageJson } from '../mutate.ts';
import { shorterList, type Target } from '../target.ts';

const stanza = (name: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n`;
const names = ['adduser', 'base-files', 'libc6', 'zlib1g'];
const long = `usr/share/${'long-name/'.repeat(30)}file`;
const input = {
  layers: [
    [
      dir('etc'),
      file('usr/lib/os-release', 'ID=debian\nVERSION_ID="12"\n'),
      symlink('etc/os-release', '../usr/lib/os-release'),
    ],
    [
      file('var/lib/dpkg/status', names.slice(0, 2).map(stanza).join('')),
      file(long, 'x'),
      file('usr/bin/x', 'y'.repeat(3000)),
    ],
    [file('var/lib/dpkg/status', names.map(stanza).join('')), file('usr/bin/.wh.x')],
  ],
};

/** Packages; undefined where a scan says that it cannot judge: no release, no package or an incomplete list. */
async function packagesOf(opened: Promise<Image>): Promise<string | undefined> {
  const image = await opened;
  try {
    const { databases, packages, os } = readInventory(image.files, image.labels);
    if (!os || packages.length === 0 || databases.some(({ incomplete }) => incomplete)) return undefined;
    return packages.map(({ name, version }) => `${name} ${version}\n`).join('');
  } finally {
    image.close();
  }
}

const layout = makeTar(Object.entries(imageLayout(input)).map(([name, bytes]) => file(name, bytes)));
const archives = {
  'docker 24': dockerArchive(input, 'docker 24'),
  'docker 25': dockerArchive(input, 'docker 25'),
  skopeo: dockerArchive(input, 'skopeo'),
  layout,
  'layout of zstd layers': makeTar(
    Object.entries(imageLayout({ ...input, compress: 'zstd' })).map(([name, bytes]) => file(name, bytes)),
  ),
};
const compressed = {
  'docker 25 gzip': gzipSync(archives['docker 25']),
  'skopeo zstd': zstdCompressSync(archives.skopeo),
};

/** The harness takes the folder away with the worker. */
function temporaryFile(bytes: Buffer): string {
  const path = join(tmpdir(), 'image.tar');
  writeFileSync(path, bytes);
  return path;
}

const image = makeImage(input);
const blobs = new Map([image.config, ...image.layers].map(({ digest, bytes }) => [digest, bytes]));
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.index,
  manifests: [
    {
      mediaType: mediaTypes.manifest,
      ...descriptorOf(image.manifest),
      platform: { os: 'linux', architecture: 'amd64' },
    },
  ],
};

/** The registry's next answers: the document of a tag, and the answer of its token server. */
const answers: { document: Buffer; token: Buffer; login: boolean } = {
  document: image.manifest.bytes,
  token: Buffer.from('{}'),
  login: false,
};
let host: Promise<string> | undefined;

function registry(): Promise<string> {
  host ??= new Promise((resolve) => {
    const server = createServer(({ url = '', headers }, response) => {
      const { port } = server.address() as AddressInfo;
      if (url.startsWith('/token')) return void response.end(answers.token);
      if (answers.login && !headers.authorization) {
        const challenge = `Bearer realm="http://127.0.0.1:${port}/token",service="x",scope="repository:lab/x:pull"`;
        return void response.writeHead(401, { 'www-authenticate': challenge }).end();
      }
      const [, kind, reference = ''] = /^\/v2\/lab\/x\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
      const pinned = reference === image.manifest.digest ? image.manifest.bytes : undefined;
      const bytes =
        kind === 'manifests' ? (reference === '1' ? answers.document : pinned) : blobs.get(reference);
      if (!bytes) return void response.writeHead(404).end();
      const type = kind === 'blobs' ? 'application/octet-stream' : typeOf(bytes);
      response.writeHead(200, { 'content-type': type }).end(bytes);
    });
    server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
  return host;
}

function typeOf(document: Buffer): string {
  return document.includes('"manifests"') ? mediaTypes.index : mediaTypes.manifest;
}

const http = createHttp({ env: {}, limits: { firstDelay: 1, retries: 1 } });

async function ask(change: Partial<typeof answers>): Promise<string | undefined> {
  Object.assign(answers, { document: image.manifest.bytes, login: false }, change);
  const options = { insecure: true, cache: false as const, http };
  return packagesOf(
    openImage(`registry:${await registry()}/lab/x:1`, {
      wanted: inventoryWanted,
      registry: options,
      env: {},
    }),
  );
}

export const imageTargets: readonly Target[] = [
  {
    name: 'archive-stream',
    seeds: async () => ({ ...archives, ...compressed }),
    mutate: damageBytes,
    run: (bytes) => packagesOf(openImage('-', { wanted: inventoryWanted, stdin: pieces(bytes) })),
    judge: shorterList,
  },
  {
    name: 'archive-file',
    seeds: async () => ({ ...archives, ...compressed }),
    mutate: damageBytes,
    run: (bytes) => packagesOf(openImage(temporaryFile(bytes), { wanted: inventoryWanted })),
    judge: shorterList,
  },
  {
    name: 'registry-document',
    seeds: async () => ({ manifest: image.manifest.bytes, index: Buffer.from(JSON.stringify(index)) }),
    mutate: damageJson,
    run: (document) => ask({ document }),
    judge: shorterList,
  },
  {
    name: 'registry-token',
    seeds: async () => ({
      token: Buffer.from(
        '{"token":"t","access_token":"t","expires_in":300,"issued_at":"2026-11-20T00:00:00Z"}',
      ),
    }),
    mutate: damageJson,
    run: (token) => ask({ token, login: true }),
    judge: shorterList,
  },
];
