import { endianness } from 'node:os';
import { cacheKey, PrivateCache } from '../../io/private-cache.ts';
import type { Layer } from '../../model/inventory/index.ts';
import type { LayerCacheOptions } from '../image-options.ts';
import { unpackTable } from './kept-table.ts';
import { type Head, LayerRecord, take } from './layer-record.ts';
import { type SinkContext, takePackageFile } from './layer-sink.ts';
import type { ReadLayer } from './layer-source.ts';

/** Rises when what is kept of the same layer changes: that of earlier versions is then of no use. */
const cacheFormat = 7;
const bounds = { files: 2000, bytes: 512 * 1024 * 1024 };

/**
 * Caches layers by diff id and digest: tar entries, wanted contents and the packages of package files. A cached layer is neither
 * fetched nor inflated.
 */
export class LayerCache {
  readonly #files: PrivateCache;
  readonly #purpose: string;

  constructor({ folder, purpose }: LayerCacheOptions) {
    this.#files = new PrivateCache(folder, bounds);
    this.#purpose = purpose;
  }

  /** Whether it is kept, though it may turn out to be damaged. */
  has(layer: Layer): boolean {
    return layer.diffId !== undefined && this.#files.has(this.#key(layer));
  }

  /** Undefined: it is not kept, or the image does not name its diff id. Errors: IMAGE_LIMIT_EXCEEDED. */
  recall(layer: Layer, context: SinkContext, where: string): ReadLayer | undefined {
    const kept = layer.diffId === undefined ? undefined : this.#files.read(this.#key(layer));
    return kept && { layer, ...readKept(kept, this.#writer(layer), context, where) };
  }

  /** Begins to record a layer that is about to be read. */
  record(layer: Layer): LayerRecord | undefined {
    return layer.diffId === undefined ? undefined : new LayerRecord(this.#writer(layer));
  }

  #writer(layer: Layer): (content: Buffer) => Promise<void> {
    return (content) => this.#files.keep(this.#key(layer), content);
  }

  #key({ diffId, digest }: Layer): string {
    // Columns are in the byte order of the machine.
    return cacheKey([cacheFormat, endianness(), this.#purpose, diffId, digest]);
  }
}

/** The table as the tar's reader fills it. The seal is right: these are bytes that a record wrote. */
function readKept(
  kept: Buffer,
  write: (content: Buffer) => Promise<void>,
  context: SinkContext,
  where: string,
): Pick<ReadLayer, 'table' | 'record'> {
  let at = kept.indexOf('\n') + 1;
  const head = JSON.parse(kept.toString('utf8', 0, at)) as Head;
  const next = (bytes: number) => {
    at += bytes;
    return kept.subarray(at - bytes, at);
  };
  const bytes = next(head.table);
  const table = unpackTable(bytes, context, where);
  for (const [code, detail] of head.notes) context.notes.add(code, where, detail);
  for (const [entry, found] of head.packageFiles)
    takePackageFile(table.packageFiles, entry, found ?? undefined, context.budget, where);
  for (const [entry, size] of head.wanted) take(table.contents, entry, next(size), context.budget, where);
  const { notes } = head;
  const record = new LayerRecord(write, {
    ...{ table: bytes, notes, wanted: table.contents, packageFiles: table.packageFiles },
    linked: new Map(head.linked.map(([entry, size]) => [entry, next(size)])),
    linkedFiles: new Map(head.linkedPackageFiles.map(([entry, found]) => [entry, found ?? undefined])),
  });
  return { table, record };
}
