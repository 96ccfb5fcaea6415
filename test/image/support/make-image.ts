import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from '../../support/temporary.ts';
import { dir, file, makeTar, symlink, type TarInput } from './make-tar.ts';
import { zstdFrame } from './make-zstd.ts';

export interface ImageInput {
  /** Lowest first: entries, the tar itself, or a layer as it is stored. */
  layers: readonly (TarInput[] | Buffer | StoredLayer)[];
  compress?: 'gzip' | 'none' | 'zstd';
  architecture?: string;
  labels?: Record<string, string>;
  env?: string[];
}

/** A layer as it is stored, and what the manifest says of it. */
export interface StoredLayer {
  tar: Buffer;
  bytes: Buffer;
  annotations: Record<string, string>;
}

interface Blob {
  digest: string;
  bytes: Buffer;
}

/** Writes a file into a folder of its own and gives its path. */
export function temporaryFile(name: string, bytes: string | Buffer): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

/** Manifest, configuration and layers of an image as OCI has them. */
export function makeImage(input: ImageInput) {
  const stored = input.layers.map((layer) =>
    'bytes' in layer ? layer : storedLayer(Buffer.isBuffer(layer) ? layer : makeTar(layer), input.compress),
  );
  const tars = stored.map(({ tar }) => tar);
  const layers = stored.map(({ bytes }) => blobOf(bytes));
  const config = jsonBlob({
    architecture: input.architecture ?? 'amd64',
    os: 'linux',
    config: { Labels: input.labels ?? {}, Env: input.env ?? [] },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => blobOf(tar).digest) },
    history: [
      { created_by: 'ENV without layer', empty_layer: true },
      ...tars.map((_, index) => ({ created_by: `step ${index + 1}` })),
    ],
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: mediaTypes.config, ...descriptorOf(config) },
    layers: layers.map((layer, at) => ({
      mediaType: mediaTypes.layer,
      ...descriptorOf(layer),
      ...(stored[at]!.annotations && { annotations: stored[at]!.annotations }),
    })),
  });
  return { manifest, config, layers, tars };
}

function storedLayer(tar: Buffer, compress: ImageInput['compress'] = 'gzip') {
  return { tar, bytes: compressors[compress](tar), annotations: undefined };
}

const compressors = { gzip: (tar: Buffer) => gzipSync(tar), none: (tar: Buffer) => tar, zstd: zstdFrame };

export function descriptorOf({ digest, bytes }: Blob) {
  return { digest, size: bytes.length };
}

export function jsonBlob(value: unknown): Blob {
  return blobOf(Buffer.from(JSON.stringify(value)));
}

export function blobOf(bytes: Buffer): Blob {
  return { digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}

/** Files of an OCI layout by path; `manifests` are the rows of index.json. */
export function layoutFiles(
  blobs: readonly Blob[],
  manifests: readonly Record<string, unknown>[],
): Record<string, Buffer> {
  return {
    'oci-layout': Buffer.from('{"imageLayoutVersion":"1.0.0"}'),
    'index.json': Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })),
    ...Object.fromEntries(blobs.map(({ digest, bytes }) => [`blobs/${digest.replace(':', '/')}`, bytes])),
  };
}

/** The layout of one image under a tag. */
export function imageLayout(input: ImageInput, tag = 'latest'): Record<string, Buffer> {
  const { manifest, config, layers } = makeImage(input);
  const row = {
    mediaType: mediaTypes.manifest,
    ...descriptorOf(manifest),
    annotations: { 'org.opencontainers.image.ref.name': tag },
  };
  return layoutFiles([manifest, config, ...layers], [row]);
}

export function writeFiles(folder: string, files: Readonly<Record<string, Buffer>>): string {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

export type ArchiveShape = 'docker 24' | 'docker 25' | 'skopeo';

/** A docker-archive in each of the shapes that are met. */
export function dockerArchive(
  input: ImageInput,
  shape: ArchiveShape,
  tags: string[] | null = ['lab/x:1'],
): Buffer {
  const image = makeImage(shape === 'docker 25' ? input : { ...input, compress: 'none' });
  const hex = ({ digest }: Blob) => digest.slice('sha256:'.length);
  const manifest = (configPath: string, layers: string[]) =>
    file('manifest.json', JSON.stringify([{ Config: configPath, RepoTags: tags, Layers: layers }]));
  if (shape === 'docker 25') {
    const files = layoutFiles(
      [image.manifest, image.config, ...image.layers],
      [descriptorOf(image.manifest)],
    );
    const entries = Object.entries(files).map(([name, bytes]) => file(name, bytes));
    const path = (blob: Blob) => `blobs/sha256/${hex(blob)}`;
    return makeTar([
      dir('blobs'),
      dir('blobs/sha256'),
      ...entries,
      manifest(path(image.config), image.layers.map(path)),
    ]);
  }
  const configPath = `${hex(image.config)}.json`;
  if (shape === 'skopeo') {
    const path = (blob: Blob) => `${hex(blob)}.tar`;
    const legacy = image.layers.map((blob, index) => symlink(`id${index}/layer.tar`, `../${path(blob)}`));
    const layers = image.layers.map((blob) => file(path(blob), blob.bytes));
    return makeTar([
      ...layers,
      ...legacy,
      file(configPath, image.config.bytes),
      manifest(configPath, image.layers.map(path)),
    ]);
  }
  // Docker < 25: a layer that two images share stands once, and as a link at its second place.
  const places = image.layers.map((blob, index) => {
    const first = image.layers.findIndex(({ digest }) => digest === blob.digest);
    const path = `id${index}/layer.tar`;
    return first < index ? symlink(path, `../id${first}/layer.tar`) : file(path, blob.bytes);
  });
  return makeTar([
    ...places,
    file(configPath, image.config.bytes),
    manifest(
      configPath,
      image.layers.map((_, index) => `id${index}/layer.tar`),
    ),
  ]);
}
