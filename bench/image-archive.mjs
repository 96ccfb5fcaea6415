import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/**
 * A docker-archive as Docker >= 25 with its containerd store saves it: an OCI layout with gzip layers and a
 * manifest.json. Full size: 3 layers, 12,000 files, 1.27 GB unpacked, 470 MB packed. The same bytes on every machine
 * with the same zlib. `later`: the next tag of the image, whose own layer has a twentieth of the bytes. `system`: contents of
 * os-release and of dpkg's status, by path; by default Debian 12 with 400 packages.
 */
export async function makeArchive(folder, { scale, system = madeSystem() }) {
  const path = join(folder, `image-${scale}.tar`);
  const later = join(folder, `later-${scale}.tar`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(later)) {
    const layers = await Promise.all(
      [0, 1, 2, 3].map((number) => makeLayer(folder, number, { scale, system })),
    );
    await writeArchive(path, layers.slice(0, 3));
    await writeArchive(`${later}.part`, layers);
    renameSync(`${later}.part`, later);
  }
  return { path, later, layers: [0, 1, 2].map((number) => layerFile(folder, scale, number)) };
}

function layerFile(folder, scale, number) {
  return join(folder, `layer-${scale}-${number}.tar.gz`);
}

async function makeLayer(folder, number, { scale, system }) {
  const path = layerFile(folder, scale, number);
  const diff = createHash('sha256');
  const stored = createHash('sha256');
  const gzip = createGzip({ level: 1, chunkSize: 1 << 18 });
  const tee = new PassThrough();
  tee.on('data', (piece) => stored.update(piece));
  const written = pipeline(gzip, tee, createWriteStream(path));
  for (const piece of layerPieces(number, { scale, system })) {
    diff.update(piece);
    if (!gzip.write(piece)) await new Promise((resolve) => gzip.once('drain', resolve));
  }
  gzip.end();
  await written;
  return { path, size: statSync(path).size, digest: stored.digest('hex'), diffId: diff.digest('hex') };
}

/** Files of 10 to 200 kB in 40 directories; the first layer also has a package database. */
function* layerPieces(number, { scale, system }) {
  const random = generator(number + 1);
  const pool = semiRandom(random, 8 << 20);
  if (number === 0) {
    for (const [path, content] of Object.entries(system)) yield* file(path, Buffer.from(content));
  }
  const files = 4000 * scale * (number === 3 ? 0.15 : 1);
  for (let index = 0; index < files; index++) {
    const size = 10_000 + (random() % 191_000);
    const start = random() % (pool.length - size);
    const name = `usr/share/data${number}/directory${index % 40}/file${index}`;
    yield* file(name, pool.subarray(start, start + size));
  }
  yield Buffer.alloc(1024);
}

function madeSystem() {
  return {
    'etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    'var/lib/dpkg/status': dpkgStatus(400),
  };
}

function dpkgStatus(count) {
  const stanza = (index) =>
    `Package: package${index}\nStatus: install ok installed\nPriority: optional\nSection: libs\nInstalled-Size: 100\n` +
    `Maintainer: Nobody <nobody@example.org>\nArchitecture: amd64\nVersion: 1.${index}-1\nDescription: package ${index}\n\n`;
  return Array.from({ length: count }, (_, index) => stanza(index)).join('');
}

/** Bytes that gzip makes 2.7 times smaller: words of a small vocabulary between random ones. */
function semiRandom(random, length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 16 <= length; at += 16) {
    const isWord = random() % 100 < 73;
    const word = isWord ? random() % 64 : 0;
    for (let i = 0; i < 16; i += 4) {
      bytes.writeUInt32LE(isWord ? Math.imul(word * 4 + i + 1, 0x9e3779b1) >>> 0 : random(), at + i);
    }
  }
  return bytes;
}

/** xorshift32: the same numbers everywhere. */
function generator(seed) {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state;
  };
}

async function writeArchive(path, layers) {
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => `sha256:${diffId}`) },
      history: layers.map((_, index) => ({ created_by: `step ${index + 1}` })),
    }),
  );
  const configDigest = sha256(config);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: descriptor('config.v1+json', configDigest, config.length),
      layers: layers.map(({ digest, size }) => descriptor('layer.v1.tar+gzip', digest, size)),
    }),
  );
  const manifestDigest = sha256(manifest);
  const index = {
    schemaVersion: 2,
    manifests: [descriptor('manifest.v1+json', manifestDigest, manifest.length)],
  };
  const dockerManifest = [
    {
      Config: `blobs/sha256/${configDigest}`,
      RepoTags: ['bench:latest'],
      Layers: layers.map(({ digest }) => `blobs/sha256/${digest}`),
    },
  ];
  const out = createWriteStream(path);
  for (const { path: layer, digest, size } of layers) {
    out.write(header(`blobs/sha256/${digest}`, size));
    await pipeline(
      createReadStream(layer),
      new Writable({ write: (piece, _, done) => out.write(piece, done) }),
    );
    out.write(Buffer.alloc((512 - (size % 512)) % 512));
  }
  const documents = {
    [`blobs/sha256/${configDigest}`]: config,
    [`blobs/sha256/${manifestDigest}`]: manifest,
    'oci-layout': Buffer.from('{"imageLayoutVersion":"1.0.0"}'),
    'index.json': Buffer.from(JSON.stringify(index)),
    'manifest.json': Buffer.from(JSON.stringify(dockerManifest)),
  };
  for (const [name, bytes] of Object.entries(documents))
    for (const piece of file(name, bytes)) out.write(piece);
  out.end(Buffer.alloc(1024));
  await finished(out);
}

function descriptor(type, digest, size) {
  return { mediaType: `application/vnd.oci.image.${type}`, digest: `sha256:${digest}`, size };
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function* file(name, bytes) {
  yield header(name, bytes.length);
  yield bytes;
  const rest = bytes.length % 512;
  if (rest > 0) yield Buffer.alloc(512 - rest);
}

/** A ustar header of a regular file. */
function header(name, size) {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write(
    '0000644\0' + '0000000\0' + '0000000\0' + `${size.toString(8).padStart(11, '0')}\0` + '00000000000\0',
    100,
  );
  block.write('        0', 148);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Frees the folder again. */
export function removeArchive(folder) {
  rmSync(folder, { recursive: true, force: true });
}
