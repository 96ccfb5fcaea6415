import type { Layer } from '../../model/index.ts';
import type { LayerTable } from './layer-table.ts';

/** One layer's bytes as stored, compressed or not. */
export interface LayerSource {
  /** Name of the layer in errors. */
  where: string;
  /** Begins to read the stored bytes. */
  open(): AsyncIterable<Buffer>;
  /** Whether `open` may be called a second time. */
  again: boolean;
  /** Called once size and digests have been verified. */
  verified?(): Promise<void>;
  /** Called when the stored bytes turn out not to be what they should be. */
  rejected?(): Promise<void>;
  /** What is known of the layer before it is read; `digest` and `diffId` are verified. */
  layer: Layer;
  /** The layer as it was read while its archive went by; only the digests are left to be compared. */
  early?(): Promise<ReadLayer>;
  /** Compute the digest of the stored bytes though none is expected yet. */
  digestStored?: boolean;
  /** Stored size, verified. */
  size?: number;
}

/** What reading a layer gives. */
export interface ReadLayer {
  table: LayerTable;
  /** The layer with the digests that were found. */
  layer: Layer;
  /** Stored bytes, where they were counted. */
  size?: number;
}
