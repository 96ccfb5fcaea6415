import { type TarEntry, TarReader, type TarSink } from '../../io/tar/reader.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { ReadPackageFile } from '../../model/inventory/index.ts';
import { type ReadContext, readLayer } from '../layers/layer-reader.ts';
import { LayerSink } from '../layers/layer-sink.ts';
import type { LayerSource, ReadLayer } from '../layers/layer-source.ts';
import { LayerTable } from '../layers/layer-table.ts';
import { plainLayer } from '../layers/plain-layer.ts';
import { malformed } from '../limits.ts';
import { imageTarRules, namedTarRules } from '../tar-rules.ts';
import { canonicalPath } from '../view/dir-view.ts';
import { type Archive, rootDirectory } from './archive.ts';
import { ArchiveNames } from './archive-names.ts';
import { PieceChannel } from './channel.ts';

/** A tar whose bytes come in order: on stdin, from an engine, or compressed on disk. */
export interface StreamedTar {
  where: string;
  open(): AsyncIterable<Uint8Array>;
  /** True if `open` may be called again. */
  again: boolean;
}

/** A layer that was read while its archive was streamed, or the error. */
type Early = Promise<{ read: ReadLayer } | { error: unknown }>;

/** A layer that is being streamed. */
interface LayerInHand {
  channel: PieceChannel<Buffer>;
  early: Early;
}

/**
 * Reads a streamed tar in one pass before its kind is known: as a root file system, and at the same time each member that may
 * be a layer as a layer. The list of layers may be at the end of the archive.
 */
export async function readStreamedTar(tar: StreamedTar, context: ReadContext): Promise<StreamedArchive> {
  const sink = new StreamSink(tar.where, context);
  const reader = new TarReader(sink, namedTarRules(context.budget, tar.where));
  try {
    for await (const piece of plainLayer(tar.open(), context.budget, tar.where)) {
      context.signal.throwIfAborted();
      reader.push(piece);
      await sink.drain();
    }
    reader.end();
  } finally {
    sink.endMember();
  }
  return new StreamedArchive(tar, sink, context);
}

class StreamedArchive implements Archive {
  readonly where: string;
  #tar: StreamedTar;
  #sink: StreamSink;
  #context: ReadContext;

  constructor(tar: StreamedTar, sink: StreamSink, context: ReadContext) {
    this.where = tar.where;
    this.#tar = tar;
    this.#sink = sink;
    this.#context = context;
  }

  /** The tar itself as the only layer. */
  root(): LayerSource {
    return {
      where: this.where,
      layer: {},
      again: this.#tar.again,
      open: () => asBuffers(this.#tar.open()),
      early: async () => ({ table: this.#sink.table, layer: {} }),
    };
  }

  get isRoot(): boolean {
    return this.#sink.isRoot;
  }

  has(path: string): boolean {
    return this.#sink.files.has(this.#sink.names.find(path));
  }

  async read(path: string): Promise<Buffer | undefined> {
    const member = this.#sink.names.find(path);
    const kept = this.#sink.kept.get(member);
    if (kept || !this.#sink.files.has(member)) return kept;
    // A damaged document must not turn the archive into another kind, such as a root file system without packages.
    throw malformed(
      'expected a JSON document of a usual name and size, found another file',
      `${this.where}#${path}`,
    );
  }

  open(path: string): Pick<LayerSource, 'open' | 'again' | 'early'> | undefined {
    const member = this.#sink.names.find(path);
    const kept = this.#sink.kept.get(member);
    if (kept) return { again: true, open: () => once(kept) };
    const early = this.#sink.layers.get(member);
    const open = () => this.#member(this.#context.tree.path(member));
    if (early) return { again: this.#tar.again, open, early: () => settled(early) };
    return this.#sink.files.has(member) && this.#tar.again ? { again: true, open } : undefined;
  }

  /** One member's bytes by another pass over the archive. */
  async *#member(path: string): AsyncGenerator<Buffer> {
    const sink = new MemberSink(path);
    const { budget } = this.#context;
    const reader = new TarReader(sink, imageTarRules(budget, this.where));
    for await (const piece of plainLayer(this.#tar.open(), budget, this.where)) {
      reader.push(piece);
      yield* sink.pieces.splice(0);
      if (sink.done) return;
    }
    reader.end();
  }
}

/** Members of image archives by name; others are read only when a manifest names them. */
const memberName =
  /^\/(blobs\/[a-z0-9]+\/[0-9a-f]+|oci-layout|repositories|sha256:[0-9a-f]{64}|[^/]+\.json|([^/]+\/)?[^/]+\.(tar|tgz|tar\.gz|tar\.zst))$/;

/** First byte of the archive's own documents: `{`, `[` or white space before them. */
const textStart: ReadonlySet<number> = new Set([0x7b, 0x5b, 0x20, 0x0a, 0x0d, 0x09]);

class StreamSink implements TarSink {
  readonly table = new LayerTable();
  isRoot = false;
  readonly names: ArchiveNames;
  /** Whole contents of the archive's documents, by member. */
  readonly kept = new Map<number, Buffer>();
  readonly layers = new Map<number, Early>();
  /** Members that are regular files. */
  readonly files = new Set<number>();
  #where: string;
  #context: ReadContext;
  #root: LayerSink;
  #rootKeeps = false;
  #path = '';
  #size = 0;
  #member = 0;
  #kind: 'unknown' | 'document' | 'layer' | 'none' = 'none';
  #document: Buffer[] = [];
  #layer: LayerInHand | undefined;
  /** Pieces of layers for their readers; undefined: the layer's end. */
  #pending: { layer: LayerInHand; piece: Buffer | undefined }[] = [];

  constructor(where: string, context: ReadContext) {
    this.#where = where;
    this.#context = context;
    this.names = new ArchiveNames(context.tree);
    // A member that may be a layer is hashed as a file only after it is known that the archive has no layers.
    const { inspection } = context;
    const files = (path: string) => (this.isRoot || !memberName.test(path)) && inspection.files(path);
    const packageFiles: ReadPackageFile = (path, size) =>
      this.isRoot || !memberName.test(path) ? context.packageFiles?.(path, size) : undefined;
    this.#root = new LayerSink(
      this.table,
      { ...context, inspection: { ...inspection, files }, packageFiles },
      where,
    );
  }

  entry(entry: TarEntry): boolean {
    const { path } = canonicalPath(entry.name);
    this.#path = path;
    this.#size = entry.size;
    this.isRoot ||= rootDirectory.test(path);
    this.#kind = 'none';
    this.#rootKeeps = this.#root.entry(entry);
    if (!this.isRoot) this.#startMember(path, entry);
    return this.#rootKeeps || this.#kind !== 'none';
  }

  data(piece: Buffer): void {
    if (this.#rootKeeps) this.#root.data(piece);
    if (this.#kind === 'unknown') this.#chooseKind(piece[0]!);
    if (this.#kind === 'document') this.#document.push(Buffer.from(piece));
    if (this.#layer) this.#pending.push({ layer: this.#layer, piece });
  }

  entryEnd(): void {
    if (this.#rootKeeps) this.#root.entryEnd();
    if (this.#kind === 'document') this.kept.set(this.#member, Buffer.concat(this.#document));
    if (this.#layer) this.#pending.push({ layer: this.#layer, piece: undefined });
    this.#document = [];
    this.#layer = undefined;
  }

  /** Ends the current layer, whose reader would otherwise wait for the rest of a damaged archive. */
  endMember(): void {
    this.#layer?.channel.end();
  }

  /** Waits until the layers' readers have taken their pieces, so that at most one piece is held. */
  async drain(): Promise<void> {
    for (const { layer, piece } of this.#pending.splice(0)) {
      if (piece === undefined) await finish(layer);
      else await layer.channel.write(piece);
    }
  }

  #startMember(path: string, entry: TarEntry): void {
    this.#member = this.names.add(path, entry);
    for (const seen of [this.kept, this.layers, this.files]) seen.delete(this.#member);
    if (entry.type !== 'file') return;
    this.files.add(this.#member);
    if (memberName.test(path) && entry.size > 0) this.#kind = 'unknown';
  }

  #chooseKind(firstByte: number): void {
    const { budget } = this.#context;
    if (textStart.has(firstByte) && this.#size <= budget.limits.configBytes) {
      budget.spend('wantedBytes', this.#size, `${this.#where}#${this.#path}`);
      this.#kind = 'document';
      return;
    }
    budget.spend('members', 1, this.#where);
    this.#kind = 'layer';
    const channel = new PieceChannel<Buffer>();
    this.#layer = { channel, early: this.#readEarly(this.#path, channel) };
    this.layers.set(this.#member, this.#layer.early);
  }

  async #readEarly(path: string, channel: PieceChannel<Buffer>): Early {
    const where = `${this.#where}, layer ${path.slice(1)}`;
    const source: LayerSource = { where, again: false, open: () => channel, layer: {}, digestStored: true };
    try {
      return { read: await readLayer(source, this.#context) };
    } catch (error) {
      return { error };
    } finally {
      // The archive continues, however the layer's reader ended, and even if its decoder did not take all bytes.
      channel.close();
    }
  }
}

/** Waits until a layer is read. After one above a limit no more are read, because the next may cost as much. */
async function finish({ channel, early }: LayerInHand): Promise<void> {
  channel.end();
  const result = await early;
  if (!('error' in result)) return;
  const { error } = result;
  if (error instanceof ScapfeedError && error.code === 'IMAGE_LIMIT_EXCEEDED') throw error;
}

/** Picks one member out of an archive. */
class MemberSink implements TarSink {
  readonly pieces: Buffer[] = [];
  done = false;
  #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  entry(entry: TarEntry): boolean {
    return entry.type === 'file' && canonicalPath(entry.name).path === this.#path;
  }

  data(piece: Buffer): void {
    this.pieces.push(piece);
  }

  entryEnd(): void {
    this.done = true;
  }
}

async function settled(early: Early): Promise<ReadLayer> {
  const result = await early;
  if ('error' in result) throw result.error;
  return result.read;
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function* asBuffers(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const piece of body) yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}
