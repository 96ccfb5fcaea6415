import { cacheKey, PrivateCache } from '../../io/private-cache.ts';
import type { TarEntry } from '../../io/tar/reader.ts';
import type { Layer } from '../../model/index.ts';
import type { LayerCacheOptions } from '../image-options.ts';
import { imageTarRules } from '../tar-rules.ts';
import { LayerRecord, type Line, type Rest, take } from './layer-record.ts';
import { LayerSink, type SinkContext, takePackageFile } from './layer-sink.ts';
import type { ReadLayer } from './layer-source.ts';
import { LayerTable } from './layer-table.ts';

/** Rises when what is kept of the same layer changes: that of earlier versions is then of no use. */
const cacheFormat = 5;
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

  /** Undefined: it is not kept, or the image does not name its diff id. Errors: IMAGE_LIMIT_EXCEEDED. */
  recall(layer: Layer, context: SinkContext, where: string): ReadLayer | undefined {
    const kept = layer.diffId === undefined ? undefined : this.#files.read(this.#key(layer));
    return kept && { layer, ...readKept(kept, this.#writer(layer), context, where) };
  }

  /** Begins to record a layer that is about to be read. */
  record(layer: Layer): LayerRecord | undefined {
    return layer.diffId === undefined ? undefined : new LayerRecord(this.#writer(layer));
  }

  /** Removes layers above the bounds, those used longest ago first. */
  prune(): void {
    this.#files.prune();
  }

  #writer(layer: Layer): (content: Buffer) => Promise<void> {
    return (content) => this.#files.keep(this.#key(layer), content);
  }

  #key({ diffId, digest }: Layer): string {
    return cacheKey([cacheFormat, this.#purpose, diffId, digest]);
  }
}

/** The table as the tar's reader fills it. The seal is right: these are bytes that a record wrote. */
function readKept(
  kept: Buffer,
  write: (content: Buffer) => Promise<void>,
  context: SinkContext,
  where: string,
): Pick<ReadLayer, 'table' | 'record'> {
  const start = kept.indexOf('\n') + 1;
  const lines = kept.indexOf('\n', start) + 1;
  const end = start + Number(kept.toString('latin1', 0, start));
  const rest = JSON.parse(kept.toString('utf8', start, lines)) as Rest;
  const table = new LayerTable();
  const sink = new LayerSink(table, context, where);
  const { checkEntry } = imageTarRules(context.budget, where);
  for (const line of kept.toString('utf8', lines, end).split('\n')) {
    if (line === '') continue;
    const entry = entryOf(line);
    checkEntry(entry, where);
    sink.enter(entry);
  }
  for (const [entry, found] of rest.packageFiles)
    takePackageFile(table.packageFiles, entry, found ?? undefined, context.budget, where);
  let at = end;
  const next = (bytes: number) => {
    at += bytes;
    return kept.subarray(at - bytes, at);
  };
  for (const [entry, bytes] of rest.wanted) take(table.contents, entry, next(bytes), context.budget, where);
  const linked = new Map(rest.linked.map(([entry, bytes]) => [entry, next(bytes)]));
  const linkedFiles = new Map(rest.linkedPackageFiles.map(([entry, found]) => [entry, found ?? undefined]));
  const record = new LayerRecord(write, { text: kept.subarray(lines, end), linked, linkedFiles });
  record.read(table);
  return { table, record };
}

/** The parsed line becomes the entry: an image has thousands. */
function entryOf(line: string): TarEntry {
  const kept = JSON.parse(line) as Line;
  const entry = Object.assign(kept as Omit<Line, 'xattrs'>, {
    mtime: kept.mtime ?? Number.NaN,
    dataOffset: 0,
  });
  if (!kept.xattrs) return entry;
  const xattrs = new Map(kept.xattrs.map(([name, value]) => [name, Buffer.from(value, 'base64')]));
  return { ...entry, xattrs };
}
