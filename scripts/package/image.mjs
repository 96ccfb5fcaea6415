// The container image as an OCI layout (image-spec 1.1), made without an engine: the executable, the libraries that it needs, the
// certificate authorities, users and /tmp. One index has both architectures; the bill of materials and the provenance of each
// are attached to it as referrers. Equal inputs give equal bytes.
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { libraryFiles } from './debian-libraries.mjs';

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
  bill: 'application/vnd.cyclonedx+json',
  statement: 'application/vnd.in-toto+json',
};

/** As distroless images have them: nobody logs in. */
const user = 65532;
const users = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:${user}:${user}:nonroot:/home/nonroot:/sbin/nologin
`;
const groups = `root:x:0:
nobody:x:65534:
nonroot:x:${user}:
`;

/**
 * Writes the layout. `images`: for each architecture its executable, packages of Debian and bill of materials;
 * `provenance(architecture, digest)`: the statement about an image.
 */
export function writeImage(folder, { version, revision, date, images, provenance }) {
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true });
  const created = new Date(date * 1000).toISOString().replace('.000', '');
  const labels = {
    'org.opencontainers.image.title': 'scapfeed',
    'org.opencontainers.image.description': "Judges container images by vendors' security data, offline",
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.revision': revision,
    'org.opencontainers.image.licenses': 'Apache-2.0',
  };

  function blob(mediaType, content) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(folder, 'blobs/sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  }
  const document = (mediaType, value) => blob(mediaType, JSON.stringify(value));

  function layer(entries) {
    const plain = tar(entries, date);
    const packed = gzipSync(plain, { level: 6 });
    return {
      diffId: `sha256:${createHash('sha256').update(plain).digest('hex')}`,
      ...blob(types.layer, packed),
    };
  }

  function image({ architecture, executable, packages }) {
    const layers = [
      { made: 'libraries and certificate authorities of Debian, users', ...layer(baseOf(packages)) },
      { made: 'scapfeed', ...layer(new Map([['usr/bin/scapfeed', { content: executable, mode: 0o755 }]])) },
    ];
    const config = document(types.config, {
      created,
      architecture,
      os: 'linux',
      config: {
        User: `${user}:${user}`,
        Env: [
          'PATH=/usr/bin',
          'HOME=/home/nonroot',
          // The root may be read-only; what is kept between runs is a matter of volumes.
          'XDG_DATA_HOME=/tmp/data',
          'XDG_CACHE_HOME=/tmp/cache',
          'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
        ],
        Entrypoint: ['/usr/bin/scapfeed'],
        Cmd: ['--help'],
        Labels: labels,
      },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map(({ made }) => ({ created, created_by: made })),
    });
    return document(types.manifest, {
      schemaVersion: 2,
      mediaType: types.manifest,
      config,
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
      annotations: { ...labels, 'org.opencontainers.image.created': created },
    });
  }

  function referrer(subject, artifactType, content) {
    const manifest = {
      schemaVersion: 2,
      mediaType: types.manifest,
      artifactType,
      config: blob(types.empty, '{}'),
      layers: [blob(artifactType, content)],
      subject,
      annotations: { 'org.opencontainers.image.created': created },
    };
    return { ...document(types.manifest, manifest), artifactType };
  }

  const made = images.map((one) => ({ ...one, manifest: image(one) }));
  const index = document(types.index, {
    schemaVersion: 2,
    mediaType: types.index,
    manifests: made.map(({ architecture, manifest }) => ({
      ...manifest,
      platform: { architecture, os: 'linux' },
    })),
    annotations: { ...labels, 'org.opencontainers.image.created': created },
  });
  const attached = made.flatMap(({ architecture, manifest, bill }) => [
    referrer(manifest, types.bill, bill),
    referrer(manifest, types.statement, JSON.stringify(provenance(architecture, manifest.digest))),
  ]);
  const named = { ...index, annotations: { 'org.opencontainers.image.ref.name': version } };
  writeFileSync(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: types.index, manifests: [named, ...attached] }),
  );
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

function baseOf(packages) {
  const entries = new Map([
    ...['bin', 'lib', 'lib64', 'sbin'].map((name) => [name, { link: `usr/${name}` }]),
    ...['usr/bin', 'usr/sbin', 'usr/lib64', 'dev', 'proc', 'sys', 'run'].map((name) => [
      name,
      { folder: true },
    ]),
    ['etc/os-release', { link: '../usr/lib/os-release' }],
    ['etc/passwd', { content: users }],
    ['etc/group', { content: groups }],
    ['etc/nsswitch.conf', { content: 'hosts: files dns\n' }],
    ['tmp', { folder: true, mode: 0o1777 }],
    ['home/nonroot', { folder: true, mode: 0o700, owner: user }],
  ]);
  for (const [path, from] of libraryFiles(packages)) {
    if (typeof from !== 'string') entries.set(path, from);
    else if (lstatSync(from).isSymbolicLink()) entries.set(path, { link: readlinkSync(from) });
    else entries.set(path, { content: readFileSync(from), mode: lstatSync(from).mode & 0o777 });
  }
  return entries;
}

const block = 512;
const kinds = { file: '0', link: '2', folder: '5' };

/** POSIX ustar, sorted, with the folders above each entry, owned by root unless an entry says otherwise. */
function tar(entries, date) {
  const all = new Map(entries);
  for (const path of entries.keys()) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
      if (!all.has(folder)) all.set(folder, { folder: true });
    }
  }
  const parts = [];
  for (const [path, { content, link, folder, mode, owner = 0 }] of [...all].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    const bytes = content === undefined ? Buffer.alloc(0) : Buffer.from(content);
    const kind = link !== undefined ? 'link' : folder ? 'folder' : 'file';
    const usual = { link: 0o777, folder: 0o755, file: 0o644 }[kind];
    const name = folder ? `${path}/` : path;
    parts.push(header({ name, size: bytes.length, mode: mode ?? usual, owner, kind, link, date }));
    parts.push(bytes, Buffer.alloc(-bytes.length & (block - 1)));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function header({ name, size, mode, owner, kind, link = '', date }) {
  if (Buffer.byteLength(name) > 100 || Buffer.byteLength(link) > 100)
    throw new Error(`too long for ustar: ${name}`);
  const bytes = Buffer.alloc(block);
  const octal = (value, at, length) =>
    bytes.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  bytes.write(name, 0, 'utf8');
  octal(mode, 100, 8);
  octal(owner, 108, 8);
  octal(owner, 116, 8);
  octal(size, 124, 12);
  octal(date, 136, 12);
  bytes.write('        ', 148);
  bytes.write(kinds[kind], 156);
  bytes.write(link, 157, 'utf8');
  bytes.write('ustar\0' + '00', 257, 'latin1');
  octal(
    bytes.reduce((total, byte) => total + byte, 0),
    148,
    7,
  );
  bytes.write(' ', 155);
  return bytes;
}
