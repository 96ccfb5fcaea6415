// A small OCI image layout written by hand (image-spec 1.1): deterministic, no root, no tools.
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * Writes an OCI layout. `layers` is a list of { command, files: { path: content } }, lowest first;
 * a content of null is a whiteout of that path, and one of { program } is executable.
 */
export function writeOciLayout(directory, { tag, architecture = 'amd64', labels = {}, created, layers }) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true });

  const blob = (bytes, mediaType) => {
    const hex = sha256(bytes);
    writeFileSync(join(directory, 'blobs/sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };
  const tars = layers.map(({ files }) => tar(files));
  const config = {
    created,
    architecture,
    os: 'linux',
    config: { Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], Labels: labels },
    rootfs: { type: 'layers', diff_ids: tars.map((bytes) => `sha256:${sha256(bytes)}`) },
    history: layers.map(({ command }) => ({ created, created_by: command })),
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: blob(json(config), 'application/vnd.oci.image.config.v1+json'),
    layers: tars.map((bytes) =>
      blob(gzipSync(bytes, { level: 9 }), 'application/vnd.oci.image.layer.v1.tar+gzip'),
    ),
  };
  const entry = {
    ...blob(json(manifest), manifest.mediaType),
    annotations: { 'org.opencontainers.image.ref.name': tag },
  };
  writeFileSync(join(directory, 'index.json'), json({ schemaVersion: 2, manifests: [entry] }));
  writeFileSync(join(directory, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
}

const json = (value) => Buffer.from(JSON.stringify(value));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const block = 512;

/** POSIX ustar of regular files, with the directories above them, owned by root, dated 0. */
export function tar(files) {
  const parts = [];
  const known = new Set();
  for (const path of Object.keys(files).sort()) {
    for (const folder of foldersOf(path)) {
      if (known.has(folder)) continue;
      known.add(folder);
      parts.push(header(folder, 0, 0o755, '5'));
    }
    const content = files[path];
    if (content === null) {
      parts.push(header(path.replace(/([^/]+)$/, '.wh.$1'), 0, 0o644, '0'));
      continue;
    }
    const mode = content.program === undefined ? 0o644 : 0o755;
    const bytes = Buffer.from(content.program ?? content);
    parts.push(header(path, bytes.length, mode, '0'), bytes, Buffer.alloc(-bytes.length & (block - 1)));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function foldersOf(path) {
  const names = path.split('/').slice(0, -1);
  return names.map((_, at) => `${names.slice(0, at + 1).join('/')}/`);
}

function header(name, size, mode, type) {
  const bytes = Buffer.alloc(block);
  const octal = (value, at, length) =>
    bytes.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  bytes.write(name, 0, 100, 'utf8');
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  bytes.write('        ', 148);
  bytes.write(type, 156);
  bytes.write('ustar\0' + '00', 257, 'latin1');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}
