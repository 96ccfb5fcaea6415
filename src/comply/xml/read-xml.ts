import { SaxesParser, type SaxesTagNS } from 'saxes';
import { ScapfeedError } from '../../model/index.ts';

/** An element with its subtree. Attributes are keyed by local name, foreign ones by their usual prefix (`xml:lang`). */
export interface XmlElement {
  ns: string;
  name: string;
  attrs: Readonly<Record<string, string>>;
  children: (XmlElement | string)[];
}

/** What the reader does with an element: enter it, collect its whole subtree, or skip it. */
export type Visit = 'enter' | 'take' | 'skip';

export interface XmlVisitor {
  /** Called for each start tag whose ancestors were all entered; the element has no children yet. */
  open(element: XmlElement, depth: number): Visit;
  /** Called with a collected element and its subtree. */
  take?(element: XmlElement): void;
  /** Called at the end of an entered element. */
  close?(element: XmlElement): void;
}

/** More nesting than any SCAP document has; protects the stack from hostile input. */
export const maxDepth = 200;
/** The largest document that is read; SSG's largest stream has 27 MB. */
const maxDocumentBytes = 512 * 1024 * 1024;

const chunkLength = 1 << 16;

const prefixes: Readonly<Record<string, string>> = {
  'http://www.w3.org/XML/1998/namespace': 'xml:',
  'http://www.w3.org/1999/xlink': 'xlink:',
  'http://www.w3.org/2001/XMLSchema-instance': 'xsi:',
  'http://www.w3.org/2000/xmlns/': 'xmlns:',
};

/**
 * Reads a document in pieces, keeping only the subtrees that the visitor takes. Document types are refused: no SCAP
 * document needs one, and they allow external entities and entity bombs.
 */
export function readXml(source: Uint8Array | string, where: string, visitor: XmlVisitor): void {
  const text = decodeXml(source, where);
  const parser = new SaxesParser({ xmlns: true, fileName: where });
  const entered: XmlElement[] = [];
  const gathered: XmlElement[] = [];
  let depth = 0;
  let skipDepth = 0;

  parser.on('error', (cause) => {
    throw malformed(where, cause.message.replace(/^.*?:(\d+:\d+): /, 'line $1: ').replace(/\.$/, ''), cause);
  });
  parser.on('doctype', () => {
    throw malformed(where, 'a document type is not allowed, found <!DOCTYPE');
  });
  parser.on('opentag', (tag) => {
    depth += 1;
    if (depth > maxDepth) throw malformed(where, `elements are nested deeper than ${maxDepth}`);
    if (skipDepth > 0) return;
    const element = elementOf(tag);
    const parent = gathered.at(-1);
    if (parent) {
      parent.children.push(element);
      gathered.push(element);
      return;
    }
    const visit = visitor.open(element, depth);
    if (visit === 'enter') entered.push(element);
    else if (visit === 'take') gathered.push(element);
    else skipDepth = depth;
  });
  const onText = (piece: string): void => {
    const parent = gathered.at(-1);
    if (parent && skipDepth === 0) parent.children.push(piece);
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    if (skipDepth > 0) {
      if (depth === skipDepth) skipDepth = 0;
    } else if (gathered.length > 0) {
      const element = gathered.pop() as XmlElement;
      if (gathered.length === 0) visitor.take?.(element);
    } else {
      visitor.close?.(entered.pop() as XmlElement);
    }
    depth -= 1;
  });
  for (let at = 0; at < text.length; at += chunkLength) parser.write(text.slice(at, at + chunkLength));
  parser.close();
}

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
    remedy: 'check the document with xmllint, or take it from its publisher again',
    cause,
  });
}

function elementOf(tag: SaxesTagNS): XmlElement {
  const attrs: Record<string, string> = Object.create(null);
  for (const attribute of Object.values(tag.attributes)) {
    attrs[(prefixes[attribute.uri] ?? '') + attribute.local] = attribute.value;
  }
  return { ns: tag.uri, name: tag.local, attrs, children: [] };
}

/** The text of a document by its own encoding. */
export function decodeXml(source: Uint8Array | string, where: string): string {
  if (source.length > maxDocumentBytes)
    throw malformed(where, `the document is larger than ${maxDocumentBytes} bytes`);
  if (typeof source === 'string') return source.replace(/^\uFEFF/, '');
  const head = Buffer.from(source.buffer, source.byteOffset, Math.min(200, source.byteLength)).toString(
    'latin1',
  );
  const encoding = /^<\?xml[^>]*encoding=["']([\w.-]+)["']/.exec(head)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(encoding).decode(source);
  } catch (cause) {
    throw malformed(where, `the encoding ${encoding} is not supported`, cause);
  }
}
