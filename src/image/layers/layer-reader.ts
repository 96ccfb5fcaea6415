import { finish } from '../../io/cancellation.ts';
import { TarReader } from '../../io/tar/reader.ts';
import { isScapfeedError } from '../../model/error.ts';
import type { FileView } from '../../model/inventory/index.ts';
import type { Steps } from '../../model/progress.ts';
import { type Budget, malformed } from '../limits.ts';
import { DigestCheck, requireSame } from '../manifest/digest.ts';
import { imageTarRules } from '../tar-rules.ts';
import type { UnkeptEntries } from './find-unkept.ts';
import type { LayerCache } from './layer-cache.ts';
import { ContentSink, LayerSink, type SinkContext } from './layer-sink.ts';
import type { LayerSource, ReadLayer } from './layer-source.ts';
import { LayerTable } from './layer-table.ts';
import { readInPart } from './partial-layer.ts';
import { plainLayer } from './plain-layer.ts';

/** Context of all layers of one image while they are read. */
export interface ReadContext extends SinkContext {
  /** Aborts the other layers after a failure. */
  signal: AbortSignal;
  cache?: LayerCache;
  /** Read layers in part; the package files of the image that are read. */
  packageFilesOf?(files: FileView): readonly string[];
}

/** One pass over a layer: its entries, the wanted contents, its digests verified. Errors: IMAGE_*. */
export async function readLayer(source: LayerSource, context: ReadContext): Promise<ReadLayer> {
  if (source.early) return verifyEarly(source, await source.early());
  const kept = context.cache?.recall(source.layer, context, source.where);
  if (kept) return kept;
  const part = await inPart(source, context);
  if (part) return part;
  try {
    const read = await readTable(source, context);
    await source.verified?.();
    return read;
  } catch (error) {
    await source.rejected?.();
    throw error;
  }
}

/** Undefined: the layer has no table of contents that can be used. Its errors are those of a part, not yet of the layer. */
async function inPart(source: LayerSource, context: ReadContext): Promise<ReadLayer | undefined> {
  if (!source.parts || !context.packageFilesOf) return undefined;
  try {
    const read = await readInPart(source.where, source.parts, context);
    if (!read) return undefined;
    context.notes.add('layer_read_in_part', source.where, 'by its table of contents');
    return { layer: source.layer, ...read };
  } catch (error) {
    context.signal.throwIfAborted();
    // Registries need not serve ranges; a table that contradicts the layer is no one's mistake but the image's.
    if (isScapfeedError(error) && error.code.startsWith('IMAGE_'))
      context.notes.add(
        'table_of_contents_refused',
        source.where,
        `${error.message}; the layer was read whole`,
      );
    return undefined;
  }
}

async function readTable(source: LayerSource, context: ReadContext): Promise<ReadLayer> {
  const table = new LayerTable();
  const record = context.cache?.record(source.layer);
  const sink = new LayerSink(table, context, source.where, record);
  const reader = new TarReader(sink, imageTarRules(context.budget, source.where));
  const { size, ...digests } = await pass(source, context, reader);
  const layer = { ...source.layer, ...digests };
  record?.read(table, context);
  return { table, layer, ...(size !== undefined && { size }), ...(record && { record }) };
}

/** A second pass, for contents that are wanted because of links of the whole image. */
export async function rereadLayer(
  source: LayerSource,
  context: ReadContext,
  table: LayerTable,
  entries: UnkeptEntries,
): Promise<void> {
  const reader = new TarReader(
    new ContentSink(table, context, source.where, entries),
    imageTarRules(context.budget, source.where),
  );
  await pass(source, context, reader);
}

/** A layer that was read before its expected digests were known. */
function verifyEarly({ layer, size, where }: LayerSource, early: ReadLayer): ReadLayer {
  if (size !== undefined && early.size !== size) throw wrongSize(size, `${early.size}`, where);
  requireSame(layer.digest, early.layer.digest, where);
  requireSame(layer.diffId, early.layer.diffId, `${where} (diff id)`);
  return { table: early.table, layer: { ...layer, ...early.layer } };
}

async function pass(
  source: LayerSource,
  { budget, signal }: ReadContext,
  reader: TarReader,
): Promise<{ diffId?: string; digest?: string; size?: number }> {
  if (source.skim) {
    await source.skim(reader);
    reader.end();
    return {};
  }
  const { digest, diffId } = source.layer;
  const stored =
    digest !== undefined || source.size !== undefined || source.digestStored
      ? new StoredCheck(source)
      : undefined;
  const plain = new DigestCheck(diffId, `${source.where} (diff id)`);
  const take = (piece: Buffer) => {
    signal.throwIfAborted();
    plain.update(piece);
    reader.push(piece);
  };
  const pieces = source.pieces?.();
  if (pieces) {
    await finish(
      each(pieces, budget, source.where, (piece) => {
        stored?.take(piece);
        take(piece);
      }),
    );
  } else {
    const bytes = stored ? stored.watch(source.open()) : source.open();
    for await (const piece of plainLayer(bytes, budget, source.where)) take(piece);
  }
  const found = { ...stored?.finish(), diffId: plain.finish() };
  reader.end();
  return found;
}

function* each(
  pieces: Iterable<Buffer>,
  budget: Budget,
  where: string,
  take: (piece: Buffer) => void,
): Steps<void> {
  for (const piece of pieces) {
    budget.spend('layerBytes', piece.length, where);
    take(piece);
    yield;
  }
}

/** Size and digest of a blob as stored. */
class StoredCheck {
  #source: LayerSource;
  #check: DigestCheck;
  #size = 0;

  constructor(source: LayerSource) {
    this.#source = source;
    this.#check = new DigestCheck(source.layer.digest, source.where);
  }

  take(piece: Buffer): void {
    const expected = this.#source.size ?? Number.POSITIVE_INFINITY;
    this.#size += piece.length;
    if (this.#size > expected) throw wrongSize(expected, 'more', this.#source.where);
    this.#check.update(piece);
  }

  async *watch(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of body) {
      this.take(piece);
      yield piece;
    }
  }

  finish(): { digest: string; size: number } {
    const { size, where } = this.#source;
    if (size !== undefined && this.#size !== size) throw wrongSize(size, `${this.#size}`, where);
    return { digest: this.#check.finish(), size: this.#size };
  }
}

function wrongSize(expected: number, found: string, where: string): Error {
  return malformed(`expected a blob of ${expected} bytes, found ${found}`, where);
}
