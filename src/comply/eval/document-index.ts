import { wantedFiles } from '../probes/wanted.ts';
import type { BucketLines } from './buckets.ts';
import { CheckedLines, type LinePlace } from './checked-lines.ts';
import { type CompiledOfDocument, DocumentCompiler } from './compile-document.ts';
import type { CompiledOvalEnd, CompiledOvalHead } from './compiled-form.ts';
import type { ElementIndex, ScannedInfo, WrittenElements } from './write-elements.ts';

/** Input of the index of a whole file. */
export interface IndexedFile {
  /** Name of the document, which the output says. */
  name: string;
  /** For errors. */
  where: string;
}

/** Facts that are known when all elements are written. */
export interface WrittenFile {
  /** Of the document as it came. */
  sha256: string;
  /** Bytes that are written. */
  size: number;
}

/** Gathers what finds the elements of all documents in a file, and writes it in the end: from ids, criteria and versions alone. */
export class FileIndex implements ElementIndex {
  readonly #file: IndexedFile;
  readonly #documents: DocumentCompiler[] = [];

  constructor(file: IndexedFile) {
    this.#file = file;
  }

  /** @throws CONTENT_MALFORMED */
  add(document: number, written: WrittenElements): void {
    this.#document(document, written.where).add(written);
  }

  end(document: number, info: ScannedInfo): void {
    this.#document(document).end(info);
  }

  #document(at: number, where = this.#file.where): DocumentCompiler {
    this.#documents[at] ??= new DocumentCompiler(at, where);
    return this.#documents[at];
  }

  /**
   * Writes the lines behind the elements; asks for the buckets of a document, a portion at a time, when these are next. `give` gets
   * the bytes of those when nobody uses them any more.
   */
  *finish(
    { sha256, size }: WrittenFile,
    write: (bytes: Uint8Array) => void,
    give = write,
  ): Generator<number, void, BucketLines | undefined> {
    const lines = new CheckedLines(write, size, give);
    const compiled: CompiledOfDocument[] = [];
    for (const document of this.#documents) compiled.push(yield* document.compiled(lines));
    const head: CompiledOvalHead = {
      info: {
        name: this.#file.name,
        sha256,
        documents: compiled.map(({ info }) => info),
      },
      wanted: wantedFiles(
        this.#documents.map((document) => document.known),
        new Map(),
      ),
      documents: compiled.map(({ document }) => document),
    };
    const place = lines.add(JSON.stringify(head));
    lines.add(lastLine(place, lines.size));
    lines.flush();
  }
}

/** The last line, which has the size of the file with itself. */
function lastLine(head: LinePlace, before: number): string {
  for (let size = before; ; ) {
    const line = JSON.stringify({ head, size } satisfies CompiledOvalEnd);
    const whole = before + CheckedLines.bytesOf(line);
    if (whole === size) return line;
    size = whole;
  }
}
