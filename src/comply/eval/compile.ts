import { hash } from 'node:crypto';
import type { ScapfeedError } from '../../model/index.ts';
import { wantedFiles } from '../probes/wanted.ts';
import { isUtf8Document, malformed, utf8Of, XmlDiagnosis } from '../xml/read-xml.ts';
import { XmlLimit, XmlProblem } from '../xml/scan-parts.ts';
import { XmlScanner } from '../xml/scan-xml.ts';
import { CheckedLines, type Place } from './checked-lines.ts';
import { DocumentCompiler } from './compile-document.ts';
import {
  type CompiledOvalEnd,
  type CompiledOvalHead,
  type CompiledOvalStart,
  compiledOvalFormat,
  compiledOvalKind,
} from './compiled-form.ts';
import { DocumentScan } from './scan-document.ts';

/** Where compiled content comes from, and by which program it is made. */
export interface CompiledFrom {
  /** Name of the file, which the output says. */
  name: string;
  where: string;
  tool: string;
}

/**
 * Compiles OVAL definitions while they are read. Kept are ids, criteria and versions; texts are written as they come. The same
 * input gives the same bytes, whatever its pieces are.
 */
export class OvalCompiler {
  readonly #from: CompiledFrom;
  readonly #lines: CheckedLines;
  readonly #documents: DocumentCompiler[] = [];
  readonly #scanner: XmlScanner;

  /** `write` gets parts of the output, bytes that change after the call. */
  constructor(from: CompiledFrom, write: (bytes: Uint8Array) => void) {
    this.#from = from;
    this.#lines = new CheckedLines(write);
    const start: CompiledOvalStart = { format: compiledOvalFormat, kind: compiledOvalKind, tool: from.tool };
    this.#lines.add(JSON.stringify(start));
    this.#scanner = new XmlScanner(
      new DocumentScan(from.where, (where) => {
        const document = new DocumentCompiler(this.#documents.length, where, this.#lines);
        this.#documents.push(document);
        return document;
      }),
    );
  }

  /** Bytes in UTF-8. @throws CONTENT_MALFORMED, XmlProblem */
  write(bytes: Uint8Array): void {
    this.#limited(() => this.#scanner.write(bytes));
  }

  /** `sha256`: of the document as it came. @throws CONTENT_MALFORMED, XmlProblem */
  end(sha256: string): void {
    const { name, where } = this.#from;
    this.#limited(() => this.#scanner.end());
    if (this.#documents.length === 0) throw malformed(where, 'the data stream has no OVAL component');
    const compiled = this.#documents.map((document) => document.compiled());
    const head: CompiledOvalHead = {
      info: {
        name,
        sha256,
        documents: compiled.map(({ info }) => info),
      },
      wanted: wantedFiles(
        this.#documents.map((document) => document.known),
        new Map(),
      ),
      documents: compiled.map(({ document }) => document),
    };
    const place = this.#lines.add(JSON.stringify(head));
    this.#lines.add(this.#end(place));
    this.#lines.flush();
  }

  /** The last line, which has the size of the file with itself. */
  #end(head: Place): string {
    for (let size = this.#lines.size; ; ) {
      const line = JSON.stringify({ head, size } satisfies CompiledOvalEnd);
      const whole = this.#lines.size + CheckedLines.bytesOf(line);
      if (whole === size) return line;
      size = whole;
    }
  }

  #limited(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof XmlLimit) throw malformed(this.#from.where, error.message, error);
      throw error;
    }
  }
}

/** Bytes that are scanned at a time. */
const pieceBytes = 1 << 20;

/** Compiles a document that is in memory, in UTF-8. @throws CONTENT_MALFORMED */
export function compileOval(source: Uint8Array, from: CompiledFrom): Buffer {
  const parts: Buffer[] = [];
  const compiler = new OvalCompiler(from, (bytes) => parts.push(Buffer.from(bytes)));
  try {
    for (let at = 0; at < source.length; at += pieceBytes)
      compiler.write(source.subarray(at, at + pieceBytes));
    compiler.end(hash('sha256', source));
  } catch (error) {
    if (!(error instanceof XmlProblem)) throw error;
    const diagnosis = new XmlDiagnosis();
    diagnosis.write(source);
    throw malformed(from.where, diagnosis.end() ?? error.message, error);
  }
  return Buffer.concat(parts);
}

/** A sha256 of a document in pieces. */
export interface DocumentHash {
  update(bytes: Uint8Array): void;
  hex(): Promise<string>;
}

/** Compiles a document as its pieces come, the first of which has its declaration. @throws CONTENT_MALFORMED, XmlProblem */
export async function compileOvalPieces(
  pieces: AsyncIterable<Uint8Array>,
  from: CompiledFrom,
  sha256: DocumentHash,
  write: (bytes: Uint8Array) => void,
): Promise<void> {
  const compiler = new OvalCompiler(from, write);
  /** Pieces of a document in another encoding than UTF-8, which is decoded as a whole. */
  let foreign: Uint8Array[] | undefined;
  let isFirst = true;
  for await (const piece of pieces) {
    if (isFirst && !isUtf8Document(piece)) foreign = [];
    isFirst = false;
    sha256.update(piece);
    if (foreign) foreign.push(piece);
    else compiler.write(piece);
  }
  if (foreign) compiler.write(utf8Of(Buffer.concat(foreign), from.where));
  compiler.end(await sha256.hex());
}

/** The error for a document that is no XML, with what a parser of the whole language says of it. */
export async function diagnosed(
  pieces: AsyncIterable<Uint8Array>,
  where: string,
  error: XmlProblem,
): Promise<ScapfeedError> {
  const diagnosis = new XmlDiagnosis();
  for await (const piece of pieces) diagnosis.write(piece);
  return malformed(where, diagnosis.end() ?? error.message, error);
}
