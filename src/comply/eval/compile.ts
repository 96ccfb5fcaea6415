import { createHash, hash } from 'node:crypto';
import { xmlEncoding } from '../../model/document-start.ts';
import type { ScapfeedError } from '../../model/error.ts';
import { isUtf8Document, malformed, utf8Of, XmlDiagnosis } from '../xml/read-xml.ts';
import { SettledProblem, XmlProblem } from '../xml/scan-parts.ts';
import { XmlScanner } from '../xml/scan-xml.ts';
import { type BucketLines, PlaceList } from './buckets.ts';
import { CheckedLines } from './checked-lines.ts';
import { type CompiledOvalStart, compiledOvalFormat, compiledOvalKind } from './compiled-form.ts';
import { FileIndex, type IndexedFile, type WrittenFile } from './document-index.ts';
import { DocumentScan } from './scan-document.ts';
import { type ElementIndex, ElementWriter } from './write-elements.ts';

/** Where compiled content comes from, and by which program it is made. */
export interface CompiledFrom extends IndexedFile {
  tool: string;
}

/**
 * Writes the elements of OVAL definitions while they are read, each as a line, and passes their positions to an index; texts are
 * not kept. The same input gives the same bytes, whatever its pieces are.
 */
class ElementCompiler {
  readonly #where: string;
  readonly #lines: CheckedLines;
  readonly #places: PlaceList[] = [];
  readonly #scanner: XmlScanner;
  /** Of the last document. */
  #writer: ElementWriter | undefined;

  /** `write` gets parts of the output, bytes that change after the call. */
  constructor({ where, tool }: CompiledFrom, index: ElementIndex, write: (bytes: Uint8Array) => void) {
    this.#where = where;
    this.#lines = new CheckedLines(write);
    const start: CompiledOvalStart = { format: compiledOvalFormat, kind: compiledOvalKind, tool };
    this.#lines.add(JSON.stringify(start));
    const scan = new DocumentScan(where, (inside) => {
      const at = this.#places.length;
      const places = new PlaceList(at, inside);
      this.#places.push(places);
      this.#writer = new ElementWriter(at, inside, this.#lines, index, places);
      return this.#writer;
    });
    this.#scanner = new XmlScanner(scan);
  }

  /** Bytes in UTF-8. @throws CONTENT_MALFORMED, XmlProblem */
  write(bytes: Uint8Array): void {
    this.#limited(() => this.#scanner.write(bytes));
    this.#writer?.flush();
  }

  /** Returns how many bytes it has written. @throws CONTENT_MALFORMED, XmlProblem */
  end(): number {
    this.#limited(() => this.#scanner.end());
    if (this.#places.length === 0) throw malformed(this.#where, 'the data stream has no OVAL component');
    this.#lines.flush();
    return this.#lines.size;
  }

  get documents(): number {
    return this.#places.length;
  }

  /** Yields the buckets by which a document's elements are found by key, in portions. */
  buckets(document: number): Generator<BucketLines, undefined> {
    return this.#places[document]!.buckets();
  }

  #limited(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof SettledProblem) throw malformed(this.#where, error.message, error);
      throw error;
    }
  }
}

/** Bytes that are scanned at a time. */
const pieceBytes = 1 << 20;

/** Compiles a document that is in memory, in UTF-8. @throws CONTENT_MALFORMED */
export function compileOval(source: Uint8Array, from: CompiledFrom): Buffer {
  const parts: Buffer[] = [];
  const write = (bytes: Uint8Array) => parts.push(Buffer.from(bytes));
  const index = new FileIndex(from);
  const compiler = new ElementCompiler(from, index, write);
  try {
    for (let at = 0; at < source.length; at += pieceBytes)
      compiler.write(source.subarray(at, at + pieceBytes));
    finish(index, { sha256: hash('sha256', source), size: compiler.end() }, compiler, write);
  } catch (error) {
    if (!(error instanceof XmlProblem)) throw error;
    const diagnosis = new XmlDiagnosis();
    diagnosis.write(source);
    throw malformed(from.where, diagnosis.end() ?? error.message, error);
  }
  return Buffer.concat(parts);
}

function finish(
  index: FileIndex,
  file: WrittenFile,
  compiler: ElementCompiler,
  write: (bytes: Uint8Array) => void,
): void {
  const finishing = index.finish(file, write);
  const buckets = allBuckets(compiler);
  for (let step = finishing.next(); !step.done; )
    step = finishing.next(buckets.next().value as BucketLines | undefined);
}

/** An index that another thread makes, and the digest of the document. */
export interface IndexBeside extends ElementIndex {
  /** Takes the next piece of the document, which is empty then. */
  hash(piece: Uint8Array): void;
  /** Waits until few elements wait for the thread. @throws CONTENT_MALFORMED, as soon as it has found that */
  room(): Promise<void>;
  /** Waits until the thread has seen all elements. @throws CONTENT_MALFORMED */
  settled(): Promise<void>;
  /** Writes the lines behind the elements; `buckets` are those of all documents, with `undefined` behind each. */
  finish(
    size: number,
    buckets: Iterable<BucketLines | undefined>,
    write: (lines: Uint8Array) => void,
  ): Promise<void>;
}

/**
 * Compiles a document as its pieces come, the first of which has its declaration. Without an index beside, that is made here.
 * @throws CONTENT_MALFORMED, XmlProblem
 */
export async function compileOvalPieces(
  pieces: AsyncIterable<Uint8Array>,
  from: CompiledFrom,
  beside: IndexBeside | undefined,
  write: (bytes: Uint8Array) => void,
): Promise<void> {
  const here = beside ? undefined : new FileIndex(from);
  const sha256 = createHash('sha256');
  const compiler = new ElementCompiler(from, beside ?? here!, write);
  const hash = (piece: Uint8Array) => (beside ? beside.hash(piece) : sha256.update(piece));
  try {
    for await (const piece of utf8Pieces(pieces, from.where, hash)) {
      compiler.write(piece);
      await beside?.room();
    }
    const size = compiler.end();
    if (here) finish(here, { sha256: sha256.digest('hex'), size }, compiler, write);
    else await beside!.finish(size, allBuckets(compiler), write);
  } catch (error) {
    // An error in an element is reported before an error behind it.
    await beside?.settled();
    throw error;
  }
}

/** Portions of the buckets of each document, with `undefined` behind. */
function* allBuckets(compiler: ElementCompiler): Generator<BucketLines | undefined> {
  for (let document = 0; document < compiler.documents; document++) {
    yield* compiler.buckets(document);
    yield undefined;
  }
}

/** The pieces in UTF-8, each hashed as it came when it has been used. Another encoding is decoded as a whole. */
async function* utf8Pieces(
  pieces: AsyncIterable<Uint8Array>,
  where: string,
  hash: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let foreign: Uint8Array[] | undefined;
  let isFirst = true;
  for await (const piece of pieces) {
    if (isFirst && !isUtf8Document(piece)) foreign = [];
    isFirst = false;
    if (foreign) foreign.push(Uint8Array.from(piece));
    else yield piece;
    hash(piece);
  }
  if (foreign) yield utf8Of(Buffer.concat(foreign), where);
}

/** The error for a document that is not well-formed XML, with the message of a complete XML parser. */
export async function diagnosed(
  pieces: AsyncIterable<Uint8Array>,
  where: string,
  error: XmlProblem,
): Promise<ScapfeedError> {
  let diagnosis: XmlDiagnosis | undefined;
  for await (const piece of pieces) {
    diagnosis ??= new XmlDiagnosis(xmlEncoding(piece));
    diagnosis.write(piece);
  }
  return malformed(where, diagnosis?.end() ?? error.message, error);
}
