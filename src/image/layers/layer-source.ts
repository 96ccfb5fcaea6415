import type { TarReader } from '../../io/tar/reader.ts';
import type { Layer } from '../../model/inventory/index.ts';
import type { LayerRecord } from './layer-record.ts';
import type { LayerTable } from './layer-table.ts';
import type { PartialLayer } from './partial-layer.ts';
import type { LayerParts } from './table-of-contents.ts';

/** One layer's bytes as stored, compressed or not. */
export interface LayerSource {
  /** Name of the layer in errors. */
  where: string;
  /** Begins to read the stored bytes. */
  open(): AsyncIterable<Buffer>;
  /** True if `open` may be called a second time. */
  again: boolean;
  /** The stored bytes of an uncompressed tar on disk, each piece valid until the next is asked for. Undefined: it is compressed. */
  pieces?(): Generator<Buffer> | undefined;
  /** Called once size and digests have been verified. */
  verified?(): Promise<void>;
  /** Called if the stored bytes do not have the expected size or digest. */
  rejected?(): Promise<void>;
  /** Facts about the layer before it is read; `digest` and `diffId` are verified. */
  layer: Layer;
  /** Reads the entries of an uncompressed tar on disk, skipping unwanted contents. For a tar of which no digest is expected. */
  skim?(reader: TarReader): Promise<void>;
  /** The layer as it was read while its archive was streamed; only the digests must be compared. */
  early?(): Promise<ReadLayer>;
  /** Compute the digest of the stored bytes although none is expected yet. */
  digestStored?: boolean;
  /** Stored size, verified. */
  size?: number;
  /** Parts of the stored bytes, if the layer has a table of contents. */
  parts?: LayerParts;
}

/** Reading of the bytes of a layer. */
export type StoredBytes = Pick<LayerSource, 'open' | 'again' | 'pieces'>;

/** The result of reading a layer. */
export interface ReadLayer {
  table: LayerTable;
  /** The layer with the digests that were found. */
  layer: Layer;
  /** Size of the stored bytes, if they were counted. */
  size?: number;
  /** Its entries, to be kept with the contents once these are known. */
  record?: LayerRecord;
  /** Its other contents, if only a part was read. */
  part?: PartialLayer;
}
