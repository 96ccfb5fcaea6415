import { XmlProblem } from '../../comply/xml/scan-parts.ts';
import { type ElementAttributes, type ScanHandler, XmlScanner } from '../../comply/xml/scan-xml.ts';
import { ScapfeedError } from '../../model/error.ts';

/** More nesting than metadata of a repository have. */
const maxDepth = 20;

/** A name, a digest or an address; nothing longer is read of a text. */
const maxTextLength = 1000;

/** Callbacks of a reader of metadata: elements with their depth, from 1, and the requested texts. */
export interface MetadataHandler {
  /** Elements deeper than this have no attributes of interest. */
  attributesTo: number;
  /**
   * Returns true if the element's text is wanted, or the number of characters that it may have; it then comes with `text` once the
   * element ends.
   */
  open(
    ns: string,
    name: string,
    depth: number,
    attributes: Readonly<Record<string, string>>,
  ): boolean | number;
  text(text: string): void;
  close?(depth: number): void;
}

/**
 * Reads metadata of an rpm repository in pieces, and keeps nothing of it. Document types are refused, and with them entities.
 * @throws SOURCE_MALFORMED
 */
export async function readMetadata(
  body: AsyncIterable<Uint8Array>,
  where: string,
  handler: MetadataHandler,
): Promise<void> {
  const scanner = new XmlScanner(new Elements(handler));
  try {
    for await (const piece of body) scanner.write(piece);
    scanner.end();
  } catch (error) {
    if (!(error instanceof XmlProblem)) throw error;
    throw malformedMetadata(`expected XML, found ${error.message}`, where, error);
  }
}

export function malformedMetadata(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message,
    where,
    remedy: 'fetch it again; the last good one is kept',
    cause,
  });
}

class Elements implements ScanHandler {
  readonly #handler: MetadataHandler;
  #depth = 0;
  /** Depth of the element whose text is wanted; 0: none is. */
  #wanted = 0;
  #text = '';
  #maxText = maxTextLength;

  constructor(handler: MetadataHandler) {
    this.#handler = handler;
  }

  wantsAttributes(): boolean {
    return this.#depth < this.#handler.attributesTo;
  }

  wantsText(): boolean {
    return this.#wanted !== 0;
  }

  open(ns: string, name: string, attributes: ElementAttributes | null): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new XmlProblem(`elements deeper than ${maxDepth}`);
    const wanted = this.#handler.open(ns, name, this.#depth, attributes?.all() ?? {});
    if (wanted === false) return;
    this.#maxText = wanted === true ? maxTextLength : wanted;
    this.#wanted = this.#depth;
    this.#text = '';
  }

  text(text: string): void {
    this.#text += text;
    if (this.#text.length > this.#maxText) throw new XmlProblem(`a text longer than ${this.#maxText}`);
  }

  close(): void {
    if (this.#wanted === this.#depth) {
      this.#wanted = 0;
      this.#handler.text(this.#text.trim());
    }
    this.#handler.close?.(this.#depth);
    this.#depth -= 1;
  }
}
