import type { PackageFileReader, ReadPackageFile, Wanted } from '../../model/inventory/index.ts';
import { type Budget, malformed } from '../limits.ts';
import { DigestCheck } from '../manifest/digest.ts';
import { entryRole } from './entry-role.ts';
import { take } from './layer-record.ts';
import { LayerSink, type SinkContext, takePackageFile } from './layer-sink.ts';
import { LayerTable } from './layer-table.ts';
import { plainLayer } from './plain-layer.ts';
import { type LayerParts, type ListedEntry, readTable, type StoredContent } from './table-of-contents.ts';

/** A smaller layer is fetched by one request. */
const leastBytes = 256 << 10;
/** Bytes between two contents that cost less than a request of their own. */
const mostGap = 128 << 10;
/** Requests for the contents of a layer; one with more places is read whole. */
const mostSpans = 64;

/** The table of contents of a layer turned out to be wrong, or of no use, after others were laid over it. */
export class TableRefuted extends Error {}

/**
 * Reads of a layer its table of contents and the wanted contents. Undefined: the whole is not much more.
 * @throws IMAGE_*, FETCH_* for a table or content that is not what it should be; the layer can then still be read whole
 */
export async function readInPart(
  where: string,
  parts: LayerParts,
  context: SinkContext,
): Promise<{ table: LayerTable; part: PartialLayer } | undefined> {
  if (parts.size < leastBytes) return undefined;
  const { ownerLists, budget, ...others } = context;
  const wanted: Wanted = (path) => context.wanted(path) && !ownerLists?.(path);
  const listed = await readTable(parts, budget, where);
  const isWanted = ({ entry }: ListedEntry) => {
    const role = entryRole(entry);
    return role.role === 'entry' && entry.type === 'file' && wanted(role.path);
  };
  const part = new PartialLayer(listed, parts, budget, where);
  const contents = await part.fetch(listed.filter(isWanted));
  if (contents === undefined) return undefined;
  const table = new LayerTable();
  const sink = new LayerSink(table, { ...others, budget, wanted, packageFiles: linksOf(context) }, where);
  for (const each of listed) {
    if (!sink.entry(each.entry)) continue;
    for (const piece of contents.get(each) ?? []) sink.data(piece);
    sink.entryEnd();
  }
  return { table, part };
}

/** Of the package files, links alone are noted: contents are read when the whole image is known. */
function linksOf({ packageFiles }: SinkContext): ReadPackageFile {
  return (path, size) => (Number.isFinite(size) ? undefined : packageFiles?.(path, size));
}

/** A layer of which only some contents were read. */
export class PartialLayer {
  /** By the numbers of the layer's table, which counts no whiteouts. */
  readonly #entries: readonly ListedEntry[];
  readonly #parts: LayerParts;
  readonly #budget: Budget;
  readonly #where: string;

  constructor(listed: readonly ListedEntry[], parts: LayerParts, budget: Budget, where: string) {
    this.#entries = listed.filter(({ entry }) => entryRole(entry).role === 'entry');
    this.#parts = parts;
    this.#budget = budget;
    this.#where = where;
  }

  /** The pieces of each content. Undefined: they are most of the layer. */
  async fetch(wanted: readonly ListedEntry[]): Promise<Map<ListedEntry, Buffer[]> | undefined> {
    const { limits } = this.#budget;
    const stored = wanted.reduce((sum, { content }) => sum + (content ? content.end - content.offset : 0), 0);
    const plain = wanted.reduce((sum, { entry }) => sum + entry.size, 0);
    const largest = wanted.reduce((most, { entry }) => Math.max(most, entry.size), 0);
    // Files above the limits are refused when the whole layer is read.
    if (stored > this.#parts.size / 2 || plain > limits.wantedBytes || largest > limits.wantedFileBytes)
      return undefined;
    const spans = spansOf(wanted);
    if (spans.length > mostSpans) return undefined;
    const contents = new Map<ListedEntry, Buffer[]>(wanted.map((each) => [each, []]));
    await this.#read(spans, (each, piece) => contents.get(each)!.push(piece));
    return contents;
  }

  /** Gives the table contents that are wanted by links. Errors: TableRefuted. */
  async keep(table: LayerTable, indexes: Iterable<number>): Promise<void> {
    await this.#again(indexes, async (wanted) => {
      const contents = await this.fetch([...wanted.keys()]);
      if (contents === undefined)
        throw malformed('expected a part of the layer, found that most of it is needed', this.#where);
      for (const [each, pieces] of contents)
        take(table.contents, wanted.get(each)!, Buffer.concat(pieces), this.#budget, this.#where);
    });
  }

  /** The files at paths that an image wants only if it has packages of languages. */
  *at(paths: Wanted): Generator<number> {
    for (const [index, { entry }] of this.#entries.entries()) {
      const role = entryRole(entry);
      if (role.role === 'entry' && entry.type === 'file' && paths(role.path)) yield index;
    }
  }

  /** Reads package files, by their paths in the layer or else in the image. Errors: TableRefuted. */
  async readPackageFiles(
    table: LayerTable,
    places: readonly { index: number; path: string }[],
    read: ReadPackageFile,
  ): Promise<void> {
    const paths = new Map<number, string>();
    // A file may have hard links that are no package files.
    for (const { index, path } of places)
      if (!paths.has(index) || read(path, Number.POSITIVE_INFINITY)) paths.set(index, path);
    await this.#again(paths.keys(), async (wanted) => {
      const readers = new Map<ListedEntry, { reader: PackageFileReader; end: () => void }>();
      for (const [each, index] of wanted) {
        const own = entryRole(each.entry);
        const { size } = each.entry;
        const reader = own.role === 'entry' ? read(own.path, size) : undefined;
        const linked = reader ? undefined : read(paths.get(index)!, size);
        const files = reader ? table.packageFiles : table.linkedPackageFiles;
        const used = reader ?? linked;
        if (used)
          readers.set(each, {
            reader: used,
            end: () => takePackageFile(files, index, used.end(), this.#budget, this.#where),
          });
      }
      const spans = spansOf([...readers.keys()]);
      const stored = spans.reduce((sum, { offset, end }) => sum + end - offset, 0);
      if (spans.length > mostSpans || stored > this.#parts.size / 2)
        throw malformed('expected a part of the layer, found that most of it has package files', this.#where);
      await this.#read(spans, (each, piece) => {
        const { reader } = readers.get(each)!;
        if (!reader.isOver) reader.push(piece);
      });
      for (const { end } of readers.values()) end();
    });
  }

  async #again(
    indexes: Iterable<number>,
    read: (wanted: Map<ListedEntry, number>) => Promise<void>,
  ): Promise<void> {
    try {
      await read(new Map([...indexes].map((index) => [this.#entries[index]!, index])));
    } catch (error) {
      throw new TableRefuted(this.#where, { cause: error });
    }
  }

  async #read(spans: readonly Span[], give: (each: ListedEntry, piece: Buffer) => void): Promise<void> {
    for (const { offset, end, contents } of spans) {
      const stored = new Cutter(this.#parts.read({ offset, size: end - offset }), offset, this.#where);
      try {
        for (const each of contents) await this.#content(each, stored, (piece) => give(each.listed, piece));
      } finally {
        await stored.close();
      }
    }
  }

  async #content(
    { listed, content }: PlacedContent,
    stored: Cutter,
    give: (piece: Buffer) => void,
  ): Promise<void> {
    const { offset, end, skip, size, digest } = content;
    const where = `${this.#where}, ${listed.entry.name}`;
    if (digest === '') throw malformed('expected the digest of a file in the table of contents', where);
    const check = new DigestCheck(digest, where);
    let seen = 0;
    for await (const piece of plainLayer(stored.between(offset, end), this.#budget, where)) {
      const own = piece.subarray(within(skip - seen, piece), within(skip + size - seen, piece));
      seen += piece.length;
      check.update(own);
      if (own.length > 0) give(own);
    }
    if (seen < skip + size) throw malformed(`expected ${size} bytes of the file, found fewer`, where);
    check.finish();
  }
}

function within(at: number, { length }: Buffer): number {
  return Math.min(Math.max(at, 0), length);
}

interface PlacedContent {
  listed: ListedEntry;
  content: StoredContent;
}

/** Contents that are fetched by one request. */
interface Span {
  offset: number;
  end: number;
  contents: PlacedContent[];
}

function spansOf(wanted: readonly ListedEntry[]): Span[] {
  const placed = wanted
    .flatMap((listed) => (listed.content ? [{ listed, content: listed.content }] : []))
    .sort((a, b) => a.content.offset - b.content.offset || a.content.skip - b.content.skip);
  const spans: Span[] = [];
  for (const each of placed) {
    const { offset, end } = each.content;
    const last = spans.at(-1);
    if (last && offset >= last.end && offset - last.end <= mostGap) {
      last.end = end;
      last.contents.push(each);
    } else spans.push({ offset, end, contents: [each] });
  }
  return spans;
}

/** Cuts a stream of stored bytes by their offsets in the layer, forwards. */
class Cutter {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #where: string;
  #rest: Buffer = Buffer.alloc(0);
  #at: number;

  constructor(pieces: AsyncIterable<Buffer>, at: number, where: string) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#at = at;
    this.#where = where;
  }

  async *between(offset: number, end: number): AsyncGenerator<Buffer> {
    while (this.#at < end) {
      if (this.#rest.length === 0) {
        const next = await this.#pieces.next();
        if (next.done)
          throw malformed(`expected bytes up to ${end}, found an end at ${this.#at}`, this.#where);
        this.#rest = next.value;
      }
      const isBefore = this.#at < offset;
      const piece = this.#rest.subarray(0, (isBefore ? offset : end) - this.#at);
      this.#rest = this.#rest.subarray(piece.length);
      this.#at += piece.length;
      if (!isBefore) yield piece;
    }
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
