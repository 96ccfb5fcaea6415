import { SaxesParser } from 'saxes';
import { foreignFile, isWideEncoding, xmlEncoding } from '../../model/document-start.ts';
import { ScapfeedError } from '../../model/error.ts';
import { maxDepth } from './depth.ts';
import { SettledProblem, XmlProblem } from './scan-parts.ts';
import { type ElementAttributes, type ScanHandler, XmlScanner } from './scan-xml.ts';

/** An element with its subtree. Attributes are keyed by local name, foreign ones by their usual prefix (`xml:lang`). */
export interface XmlElement {
  ns: string;
  name: string;
  attrs: Readonly<Record<string, string>>;
  children: (XmlElement | string)[];
}

/** The reader's handling of an element: enter it, collect its whole subtree, or skip it. */
export type Visit = 'enter' | 'take' | 'skip';

export interface XmlVisitor {
  /**
   * Called for each start tag whose ancestors were all entered; the element has no children yet. `at`: its place in the
   * document, in bytes.
   */
  open(element: XmlElement, depth: number, at: number): Visit;
  /** Called with a collected element and its subtree. */
  take?(element: XmlElement): void;
  /** Called at the end of an entered element. */
  close?(element: XmlElement): void;
}

/** The largest document that is read; SSG's largest stream has 27 MB. */
const maxDocumentBytes = 512 * 1024 * 1024;

/**
 * Elements, attributes and texts of a tree that is kept. `<a/>` is four bytes of text and 160 of memory, so that the length of a
 * document bounds nothing; SSG's largest stream has 618,349.
 */
export const maxTreeParts = 2_000_000;

type Decoder = InstanceType<typeof TextDecoder>;

/** Bytes that are scanned at a time. */
const pieceBytes = 1 << 20;

/**
 * Reads a document in pieces, keeping only the subtrees that the visitor takes. Document types are refused: no SCAP
 * document needs one, and they allow external entities and entity bombs.
 */
export function readXml(source: Uint8Array | string, where: string, visitor: XmlVisitor): void {
  readUtf8Xml(utf8Of(source, where), where, visitor);
}

/** The same for a document in UTF-8, whatever encoding its declaration names. */
export function readUtf8Xml(bytes: Uint8Array, where: string, visitor: XmlVisitor): void {
  const reader = new XmlReader(where, visitor);
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) reader.write(bytes.subarray(at, at + pieceBytes));
    reader.end();
  } catch (error) {
    if (error instanceof SettledProblem) throw malformed(where, error.message, error);
    if (error instanceof XmlProblem) throw malformed(where, problemOf(bytes) ?? error.message, error);
    throw error;
  }
}

/** Reads a document that arrives in pieces. Throws XmlProblem if it is not well-formed. */
export class XmlReader implements ScanHandler {
  readonly #where: string;
  readonly #visitor: XmlVisitor;
  readonly #scanner: XmlScanner;
  readonly #entered: XmlElement[] = [];
  readonly #gathered: XmlElement[] = [];
  #depth = 0;
  #skipDepth = 0;
  #parts = 0;

  constructor(where: string, visitor: XmlVisitor) {
    this.#where = where;
    this.#visitor = visitor;
    this.#scanner = new XmlScanner(this);
  }

  write(piece: Uint8Array): void {
    this.#scanner.write(piece);
  }

  end(): void {
    this.#scanner.end();
  }

  wantsAttributes(): boolean {
    return this.#skipDepth === 0;
  }

  wantsText(): boolean {
    return this.#skipDepth === 0 && this.#gathered.length > 0;
  }

  open(ns: string, name: string, attributes: ElementAttributes | null): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw malformed(this.#where, `elements are nested deeper than ${maxDepth}`);
    if (attributes === null) return;
    const element: XmlElement = { ns, name, attrs: attributes.all(), children: [] };
    const parent = this.#gathered.at(-1);
    if (parent) {
      this.#count(1 + Object.keys(element.attrs).length);
      parent.children.push(element);
      this.#gathered.push(element);
      return;
    }
    const visit = this.#visitor.open(element, this.#depth, this.#scanner.position);
    if (visit === 'skip') this.#skipDepth = this.#depth;
    else if (visit === 'enter') this.#entered.push(element);
    else {
      this.#parts = 0;
      this.#gathered.push(element);
    }
  }

  text(text: string): void {
    this.#count(1);
    this.#gathered.at(-1)?.children.push(text);
  }

  close(): void {
    if (this.#skipDepth > 0) {
      if (this.#depth === this.#skipDepth) this.#skipDepth = 0;
    } else if (this.#gathered.length > 0) {
      const element = this.#gathered.pop() as XmlElement;
      if (this.#gathered.length === 0) this.#visitor.take?.(element);
    } else {
      this.#visitor.close?.(this.#entered.pop() as XmlElement);
    }
    this.#depth -= 1;
  }

  /** Counts parts of the tree that is gathered. */
  #count(parts: number): void {
    this.#parts += parts;
    if (this.#parts > maxTreeParts)
      throw malformed(
        this.#where,
        `expected at most ${maxTreeParts} elements, attributes and texts in one tree, found more`,
      );
  }
}

function problemOf(bytes: Uint8Array): string | undefined {
  const diagnosis = new XmlDiagnosis();
  for (let at = 0; at < bytes.length; at += pieceBytes) diagnosis.write(bytes.subarray(at, at + pieceBytes));
  return diagnosis.end();
}

/** Diagnoses a refused document by a parser of the whole language: the fault, with its line. */
export class XmlDiagnosis {
  readonly #parser = new SaxesParser({ xmlns: true });
  readonly #decoder: Decoder;
  #problem: string | undefined;

  constructor(encoding = 'utf-8') {
    this.#decoder = new TextDecoder(encoding);
    const stop = (message: string): never => {
      this.#problem = message;
      throw new XmlProblem(message);
    };
    this.#parser.on('error', ({ message }) =>
      stop(message.replace(/^(\d+:\d+): /, 'line $1: ').replace(/\.$/, '')),
    );
    this.#parser.on('doctype', () => stop('a document type is not allowed, found <!DOCTYPE'));
  }

  write(bytes: Uint8Array): void {
    this.#until(() => this.#parser.write(this.#decoder.decode(bytes, { stream: true })));
  }

  /** Undefined: it finds nothing. */
  end(): string | undefined {
    this.#until(() => this.#parser.write(this.#decoder.decode()).close());
    return this.#problem;
  }

  #until(work: () => void): void {
    if (this.#problem !== undefined) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof XmlProblem)) throw error;
    }
  }
}

/** The document in UTF-8, whatever its own encoding is. @throws CONTENT_MALFORMED for what is no XML by its first bytes */
export function utf8Of(source: Uint8Array | string, where: string): Uint8Array {
  if (typeof source === 'string') return Buffer.from(decodeXml(source, where));
  requireXml(source, where);
  if (isUtf8Document(source) && source.length <= maxDocumentBytes) return source;
  return Buffer.from(decodeXml(source, where));
}

/** The first part of a document in UTF-8; a character that is cut at its end does not matter. */
export function utf8Head(head: Uint8Array, where: string): Uint8Array {
  requireXml(head, where);
  if (isUtf8Document(head)) return head;
  return Buffer.from(decoderOf(head, where).decode(head, { stream: true }));
}

/** By the beginning of a document. */
export function isUtf8Document(source: Uint8Array): boolean {
  return xmlEncoding(source) === 'utf-8';
}

/** Refuses what its first bytes show to be something else. */
function requireXml(head: Uint8Array, where: string): void {
  const foreign = foreignFile(head);
  if (!foreign) return;
  throw new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message: `expected XML, found ${foreign.found}`,
    where,
    remedy: foreign.remedy,
  });
}

/** The element that begins at a place of a document in UTF-8 that was read before; prefixes are not resolved. */
export function readElementAt(bytes: Uint8Array, at: number): XmlElement {
  let whole: XmlElement | undefined;
  const open: XmlElement[] = [];
  const scanner = new XmlScanner(
    {
      wantsAttributes: () => true,
      wantsText: () => true,
      open(ns, name, attributes) {
        const element: XmlElement = { ns, name, attrs: attributes?.all() ?? {}, children: [] };
        open.at(-1)?.children.push(element);
        open.push(element);
      },
      text: (text) => open.at(-1)?.children.push(text),
      close() {
        const element = open.pop();
        if (open.length > 0) return;
        whole = element;
        throw fragmentEnd;
      },
    },
    { isFragment: true },
  );
  try {
    for (let from = at; from < bytes.length; from += fragmentBytes)
      scanner.write(bytes.subarray(from, from + fragmentBytes));
    scanner.end();
  } catch (error) {
    if (error !== fragmentEnd) throw error;
  }
  return whole ?? { ns: '', name: '', attrs: {}, children: [] };
}

const fragmentEnd = new Error('end of the fragment');
const fragmentBytes = 1 << 12;

/** The whole document as one tree. */
export function readXmlTree(source: Uint8Array | string, where: string): XmlElement {
  let root: XmlElement | undefined;
  readXml(source, where, {
    open: () => 'take',
    take: (element) => {
      root = element;
    },
  });
  if (!root) throw malformed(where, 'the document has no root element');
  return root;
}

export function childElements(element: XmlElement, name?: string): XmlElement[] {
  return element.children.filter(
    (child): child is XmlElement => typeof child !== 'string' && (name === undefined || child.name === name),
  );
}

export function firstChild(element: XmlElement, name: string): XmlElement | undefined {
  return childElements(element, name)[0];
}

/** All character data below an element. */
export function textOf(element: XmlElement | undefined): string {
  if (!element) return '';
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

/** Trimmed text of a child, undefined where the child is absent. */
export function childText(element: XmlElement, name: string): string | undefined {
  const child = firstChild(element, name);
  return child && textOf(child).trim();
}

/** xs:boolean: `true` or `1`. */
export function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}

export function malformed(where: string, message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message,
    where,
    remedy: 'check the document with xmllint, or download it from its publisher again',
    cause,
  });
}

/** The text of a document by its own encoding. @throws CONTENT_MALFORMED where a byte of it is not of that encoding */
export function decodeXml(source: Uint8Array | string, where: string): string {
  if (source.length > maxDocumentBytes)
    throw malformed(where, `the document is larger than ${maxDocumentBytes} bytes`);
  if (typeof source === 'string') return source.replace(/^\uFEFF/, '');
  const decoder = decoderOf(source, where);
  try {
    return decoder.decode(source);
  } catch (cause) {
    throw malformed(where, `the document is not in its encoding, ${decoder.encoding}`, cause);
  }
}

/** Throws for bytes that are not of the document's encoding. */
function decoderOf(head: Uint8Array, where: string): Decoder {
  const encoding = xmlEncoding(head);
  const refused = (message: string, cause?: unknown) =>
    new ScapfeedError({
      code: 'CONTENT_MALFORMED',
      message,
      where,
      remedy: 'write the document in UTF-8, for example with iconv, and name UTF-8 in its XML declaration',
      cause,
    });
  if (isWideEncoding(encoding) && head[0] === 0x3c && head[1] === 0x3f)
    throw refused(`the document says that it is in ${encoding.toUpperCase()}, but is not`);
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw refused(`the encoding ${encoding} is not supported`, cause);
  }
}
