import { type FakeServer, startServer } from '../../image/support/fake-registry.ts';
import {
  blobOf,
  descriptorOf,
  jsonBlob,
  layoutFiles,
  makeImage,
  mediaTypes,
  writeFiles,
} from '../../image/support/make-image.ts';
import { file } from '../../image/support/make-tar.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { bundleType, type Json } from './sigstore-instance.ts';

type Blob = ReturnType<typeof blobOf>;
type Row = Record<string, unknown>;

export interface Attachment {
  /** Subject of the attachment. */
  to: string;
  /** Subject that the attached manifest declares. Default: the true one. */
  subject?: string;
  artifactType?: string;
  /** Type that a list declares. Default: the true one. */
  listedAs?: string;
  /** Layers of the attached manifest, with their types and annotations. */
  layers: readonly {
    bytes: Buffer;
    mediaType: string;
    annotations?: Record<string, string>;
    /** The fault: another size or content than its row declares, huge, or absent. */
    lie?: 'size' | 'content' | 'huge' | 'absent';
  }[];
}

/** An image with what is attached to it, as a layout or in a registry. */
export class SignedImage {
  readonly index: Blob;
  readonly manifest: Blob;
  readonly other: Blob;
  #blobs: Blob[] = [];
  #attached: { to: string; blob: Blob; row: Row }[] = [];
  #tags = new Map<string, Blob>();

  /** For two platforms: linux/amd64, which is chosen, and another. `above`: files of a second layer. */
  constructor(
    content = 'content',
    files: Readonly<Record<string, string>> = {},
    above?: Readonly<Record<string, string>>,
  ) {
    const entries = (of: Readonly<Record<string, string>>) =>
      Object.entries(of).map(([path, text]) => file(path, text));
    const images = ['amd64', 'arm64'].map((architecture) =>
      makeImage({
        layers: [
          [file('etc/name', `${content} ${architecture}`), ...entries(files)],
          ...(above ? [entries(above)] : []),
        ],
        architecture,
      }),
    );
    const rows = images.map(({ manifest }, at) => ({
      mediaType: mediaTypes.manifest,
      ...descriptorOf(manifest),
      platform: { os: 'linux', architecture: ['amd64', 'arm64'][at] },
    }));
    this.index = jsonBlob({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: rows });
    this.manifest = images[0]!.manifest;
    this.other = images[1]!.manifest;
    for (const { manifest, config, layers } of images) this.#blobs.push(manifest, config, ...layers);
    this.#blobs.push(this.index);
  }

  /** Attaches a manifest as a referrer, and returns its digest. */
  attach({
    to,
    subject = to,
    artifactType = bundleType,
    listedAs = artifactType,
    layers,
  }: Attachment): string {
    const blob = this.#manifestOf(layers, { artifactType, subject: { ...emptyRow, digest: subject } });
    this.#attached.push({
      to,
      blob,
      row: { mediaType: mediaTypes.manifest, ...descriptorOf(blob), artifactType: listedAs },
    });
    return blob.digest;
  }

  /** Attaches a Sigstore bundle. */
  attachBundle(to: string, bundle: Json | Buffer, more: Partial<Attachment> = {}): string {
    const bytes = Buffer.isBuffer(bundle) ? bundle : Buffer.from(JSON.stringify(bundle));
    return this.attach({ to, layers: [{ bytes, mediaType: bundleType }], ...more });
  }

  /** Puts a manifest under a tag. */
  tag(name: string, layers: Attachment['layers']): void {
    this.#tags.set(name, this.#manifestOf(layers, {}));
  }

  /** A folder with the layout; attached manifests stand in index.json, as `oras copy -r` writes them. */
  layout(): string {
    const named = (blob: Blob, name: string, mediaType: string) => ({
      mediaType,
      ...descriptorOf(blob),
      annotations: { 'org.opencontainers.image.ref.name': name },
    });
    const rows = [
      named(this.index, '1', mediaTypes.index),
      ...[...this.#tags].map(([name, blob]) => named(blob, name, mediaTypes.manifest)),
      ...this.#attached.map(({ row }) => row),
    ];
    return writeFiles(temporaryFolder(), layoutFiles(this.#blobs, rows));
  }

  /** A registry that has the image as lab/x:1; with the referrers API, or with the tags that stand for it. */
  async serve(api: boolean): Promise<FakeServer> {
    const blobs = new Map(this.#blobs.map(({ digest, bytes }) => [digest, bytes]));
    const lists = new Map<string, Row[]>();
    for (const { to, row } of this.#attached) lists.set(to, [...(lists.get(to) ?? []), row]);
    const tags = new Map(
      [...this.#tags, ['1', this.index]].map(([tag, blob]) => [tag, (blob as Blob).bytes]),
    );
    if (!api) for (const [to, rows] of lists) tags.set(to.replace(':', '-'), indexOf(rows));
    return startServer(({ url }, response) => {
      const [, kind, name = ''] = /^\/v2\/lab\/x\/(manifests|blobs|referrers)\/([^?]+)/.exec(url) ?? [];
      const found =
        kind === 'referrers'
          ? api
            ? indexOf(lists.get(name) ?? [])
            : undefined
          : (blobs.get(name) ?? (kind === 'manifests' ? tags.get(name) : undefined));
      if (!found) return void response.writeHead(404).end('{"errors":[]}');
      const type = kind === 'blobs' ? 'application/octet-stream' : mediaTypes.index;
      response.writeHead(200, { 'content-type': type, 'content-length': found.length }).end(found);
    });
  }

  #manifestOf(layers: Attachment['layers'], more: Row): Blob {
    const config = jsonBlob({});
    const parts = layers.map(({ bytes, lie, ...rest }) => {
      const blob = blobOf(bytes);
      const { digest, size } = descriptorOf(blob);
      const told = lie === 'huge' ? 100_000_000 : lie === 'size' ? size + 1 : size;
      if (lie === 'content') this.#blobs.push({ digest, bytes: Buffer.alloc(size, 0x20) });
      else if (lie !== 'absent') this.#blobs.push(blob);
      return { ...rest, digest, size: told };
    });
    const manifest = jsonBlob({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', ...descriptorOf(config) },
      layers: parts,
      ...more,
    });
    this.#blobs.push(config, manifest);
    return manifest;
  }
}

const emptyRow = { mediaType: mediaTypes.manifest, size: 2 };

function indexOf(manifests: readonly Row[]): Buffer {
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
}

/** The payload that cosign 2 signs. */
export function legacyPayload(digest: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': 'registry.example/lab/app' },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
}
