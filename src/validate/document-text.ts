import { TextDecoder } from 'node:util';
import { firstNotUtf8, foreignFile, isWideEncoding, xmlEncoding } from '../model/document-start.ts';

/** Text of a document by its own encoding, piece by piece; or why it has none. */
export class DocumentText {
  #decoder: TextDecoder | undefined;
  #problem: string | undefined;
  /** Whether it is no XML, by its first bytes. */
  isForeign = false;
  /** Bytes before the piece that is decoded. */
  #before = 0;

  /** With a problem, the text is that before it. */
  decode(piece: Uint8Array): { text: string; problem?: string } {
    this.#decoder ??= this.#begin(piece);
    if (!this.#decoder) return { text: '', problem: this.#problem! };
    try {
      const text = this.#decoder.decode(piece, { stream: true });
      this.#before += piece.length;
      return { text };
    } catch {
      return this.#otherBytes(piece);
    }
  }

  /** Says whether the document ends within a character, or has nothing in it. */
  end(): { problem?: string } {
    if (this.#problem !== undefined) return {};
    if (!this.#decoder) return { problem: 'expected XML, found an empty file' };
    try {
      this.#decoder.decode();
      return {};
    } catch {
      return { problem: `the document ends within a character of ${this.#decoder.encoding}` };
    }
  }

  #begin(head: Uint8Array): TextDecoder | undefined {
    const foreign = foreignFile(head);
    const encoding = xmlEncoding(head);
    if (foreign) {
      this.#problem = `expected XML, found ${foreign.found}`;
      this.isForeign = true;
    } else if (isWideEncoding(encoding) && head[0] === 0x3c && head[1] === 0x3f)
      this.#problem = `the document says that it is in ${encoding.toUpperCase()}, but is not`;
    else
      try {
        return new TextDecoder(encoding, { fatal: true });
      } catch {
        this.#problem = `the encoding ${encoding} is not supported`;
      }
    return undefined;
  }

  #otherBytes(piece: Uint8Array): { text: string; problem: string } {
    const { encoding = '' } = this.#decoder ?? {};
    // A character of the piece before may end in this one.
    const start = piece.findIndex((byte) => (byte & 0xc0) !== 0x80);
    const at = encoding === 'utf-8' && start < 4 ? start + firstNotUtf8(piece.subarray(start)) : 0;
    this.#problem = `byte ${this.#before + at + 1}${encoding === 'utf-8' ? '' : ' or one behind it'} is not of ${encoding.toUpperCase()}`;
    return { text: new TextDecoder(encoding).decode(piece.subarray(0, at)), problem: this.#problem };
  }
}
