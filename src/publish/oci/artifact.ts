import { compareCodeUnits } from '../../model/order.ts';
import { blockPath } from '../../published/block-list.ts';
import { encodingOf, feedRole, metadataPath, targetPath } from '../../published/names.ts';
import { digestOf } from '../../registry/digest.ts';
import { isListPath, type ListedBlock, listedBlocks } from '../blocks/listed-blocks.ts';
import type { Site } from '../site/layout.ts';
import { fileInfo } from '../site/sign-site.ts';
import {
  type FileInfo,
  parseDocument,
  type SnapshotPart,
  type TargetsPart,
  type TimestampPart,
} from '../tuf/metadata.ts';

/** Media types of a feed's manifests and layers (OCI image specification, "Guidelines for Artifact Usage"). */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  metadata: 'application/vnd.scapfeed.tuf.v1+json',
  feed: 'application/vnd.scapfeed.feed.v1',
  platform: 'application/vnd.scapfeed.platform.v1',
  blocks: 'application/vnd.scapfeed.blocks.v1',
  block: 'application/vnd.scapfeed.block.v1+gz',
} as const;

/** Annotation of an index entry: the platform of its manifest, `feed` for the metadata of all, or the name of a group of blocks. */
export const platformAnnotation = 'vnd.scapfeed.platform';
/** Annotation of a layer: its path in a published folder. */
export const titleAnnotation = 'org.opencontainers.image.title';
/** `os` of index entries: `oras pull --platform scapfeed/debian-12` finds them by it. */
const platformOs = 'scapfeed';

export interface PushedDescriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  platform?: { os: string; architecture: string };
  annotations?: Record<string, string>;
}

/** A manifest as it is pushed. */
export interface PushedManifest {
  /** A platform, `feed`, or the name of a group of blocks. */
  name: string;
  artifactType: string;
  bytes: Buffer;
  digest: string;
  layers: readonly PublishedFile[];
}

/** A file of the published folder. */
export interface PublishedFile {
  path: string;
  digest: string;
  size: number;
}

export interface Artifact {
  index: Buffer;
  digest: string;
  manifests: readonly PushedManifest[];
}

/** The empty configuration that every manifest of an artifact has. */
export const emptyConfig = Buffer.from('{}');

/**
 * Makes an OCI index of a published folder's current metadata and everything that it signs: one manifest per platform with
 * its role's metadata and targets, one, `feed`, with what all share, and those of blocks. A client asks for blocks by the digests of the
 * signed lists and reads no manifest of them: these only keep the registry from deleting them. Equal folders give equal bytes.
 */
export function describeSite(site: Site): Artifact {
  const timestampBytes = site.read(metadataPath('timestamp'))!;
  const timestamp = signed<TimestampPart>(site, metadataPath('timestamp'));
  const { 'snapshot.json': snapshot } = timestamp.meta;
  const snapshotPath = metadataPath('snapshot', snapshot.version);
  const shared = [
    ...rootLayers(site),
    metadataLayer(metadataPath('timestamp'), fileInfo(timestampBytes)),
    metadataLayer(snapshotPath, snapshot),
  ];
  const platforms: PushedManifest[] = [];
  for (const [file, info] of Object.entries(signed<SnapshotPart>(site, snapshotPath).meta)) {
    const role = file.replace(/\.json$/, '');
    const path = metadataPath(role, info.version);
    const targets = Object.entries(signed<TargetsPart>(site, path).targets);
    const layers = [metadataLayer(path, info), ...targets.map(([name, target]) => targetLayer(name, target))];
    if (role === 'targets' || role === feedRole || targets.length === 0) shared.push(...layers);
    else platforms.push(describeManifest(role, mediaTypes.platform, layers));
  }
  const titles = shared.map(({ annotations }) => annotations![titleAnnotation]!);
  const blocks = blockGroups(site, titles).map(({ name, blocks }) =>
    describeManifest(name, mediaTypes.blocks, blocks.map(blockLayer)),
  );
  const manifests = [describeManifest(feedRole, mediaTypes.feed, shared), ...platforms, ...blocks];
  const index = jsonBytes({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    artifactType: mediaTypes.feed,
    manifests: manifests.map(indexEntry),
    annotations: { 'org.opencontainers.image.created': timestamp.signed },
  });
  return { index, digest: digestOf(index), manifests };
}

function indexEntry({ name, artifactType, bytes, digest }: PushedManifest): PushedDescriptor {
  return {
    mediaType: mediaTypes.manifest,
    digest,
    size: bytes.length,
    artifactType,
    platform: { os: platformOs, architecture: name },
    annotations: { [platformAnnotation]: name },
  };
}

function describeManifest(
  name: string,
  artifactType: string,
  layers: readonly PushedDescriptor[],
): PushedManifest {
  const config = { mediaType: mediaTypes.empty, digest: digestOf(emptyConfig), size: emptyConfig.length };
  const bytes = jsonBytes({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType,
    config,
    layers,
    annotations: { [platformAnnotation]: name },
  });
  return {
    name,
    artifactType,
    bytes,
    digest: digestOf(bytes),
    layers: layers.map(({ digest, size, annotations }) => ({
      path: annotations![titleAnnotation]!,
      digest,
      size,
    })),
  };
}

/** All roots: a client may be far behind. */
function rootLayers(site: Site): PushedDescriptor[] {
  const layers: PushedDescriptor[] = [];
  for (let version = 1; ; version++) {
    const path = metadataPath('root', version);
    const bytes = site.read(path);
    if (!bytes) return layers;
    layers.push(metadataLayer(path, fileInfo(bytes)));
  }
}

function metadataLayer(path: string, info: FileInfo): PushedDescriptor {
  return layer(path, mediaTypes.metadata, info);
}

/** `application/vnd.scapfeed.target.v1+br`; deltas have a type of their own, so that a copy can leave them out. */
function targetLayer(name: string, info: FileInfo): PushedDescriptor {
  const kind = name.split('/')[1] === 'delta' ? 'delta' : 'target';
  const path = targetPath(name, info.hashes.sha256);
  return layer(path, `application/vnd.scapfeed.${kind}.v1+${encodingOf(name)}`, info);
}

function blockLayer({ sha256, length }: ListedBlock): PushedDescriptor {
  return layer(blockPath(sha256), mediaTypes.block, { length, hashes: { sha256 } });
}

function layer(path: string, mediaType: string, { length, hashes }: FileInfo): PushedDescriptor {
  return {
    mediaType,
    digest: `sha256:${hashes.sha256}`,
    size: length,
    annotations: { [titleAnnotation]: path },
  };
}

function signed<T extends TimestampPart | SnapshotPart | TargetsPart>(site: Site, path: string): T {
  return parseDocument<T>(site.read(path)!.toString('utf8'), path).signed;
}

function jsonBytes(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/**
 * Blocks in one manifest: a layer takes about 260 bytes, and registries take manifests of 4 MB, some of them of not more than some
 * thousand layers.
 */
const mostLayers = 4000;

/** Blocks that one manifest names, sorted. */
export interface BlockGroup {
  /** No role of the feed has such a name, as it has an underscore. */
  name: string;
  blocks: readonly ListedBlock[];
}

/**
 * The blocks that the lists among `paths` name, each once, in groups by the first digits of their digests: a block is in the same
 * manifest every night, so that its publisher knows from this manifest what the registry has.
 */
export function blockGroups(site: Site, paths: readonly string[]): BlockGroup[] {
  const blocks = new Map<string, ListedBlock>();
  for (const path of paths.filter(isListPath))
    for (const block of listedBlocks(site, path)) blocks.set(block.sha256, block);
  const sorted = [...blocks.values()].sort((a, b) => compareCodeUnits(a.sha256, b.sha256));
  for (let digits = 0; ; digits++) {
    const groups = Map.groupBy(sorted, ({ sha256 }) => sha256.slice(0, digits));
    if ([...groups.values()].some(({ length }) => length > mostLayers)) continue;
    return [...groups].map(([start, blocks]) => ({ name: `blocks_${start || 'all'}`, blocks }));
  }
}
