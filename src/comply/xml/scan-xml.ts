import { isAscii } from 'node:buffer';
import {
  attributeValue,
  literalValue,
  Names,
  type QualifiedName,
  textValue,
  XmlLimit,
  XmlProblem,
} from './scan-parts.ts';

/** Attributes by their key: local name, with a usual prefix for foreign ones. Nothing is inherited. */
type Attributes = Record<string, string>;

// Objects of a class with an empty prototype are as quick as literals; those of Object.create(null) are not.
const Attributes = function Attributes() {
  // Nothing to do.
} as unknown as new () => Attributes;
Attributes.prototype = Object.create(null) as object;

/** What a scanner tells of: elements in their namespaces, and character data, references resolved. */
export interface ScanHandler {
  /** Returns whether attributes of the next element are of interest: the others are checked, but not made. */
  wantsAttributes(): boolean;
  /** Returns whether character data is of interest. */
  wantsText(): boolean;
  /** `null` attributes: they were not wanted. */
  open(ns: string, name: string, attributes: Attributes | null): void;
  text(text: string): void;
  close(): void;
}

/** More than one token of a usual document has; a longer one is refused. */
const maxTokenBytes = 64 * 1024 * 1024;
/** More attributes than any element has. */
const maxAttributes = 1000;

const [lessThan, slash, bang, question, equals, greaterThan] = [0x3c, 0x2f, 0x21, 0x3f, 0x3d, 0x3e];
const [doubleQuote, singleQuote] = [0x22, 0x27];

/** Characters that XML does not allow, in the bytes of UTF-8. */
const disallowed = /[\0-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]/;

/** A prefix and what it was bound to outside of an element. */
type Hidden = readonly [prefix: string, uri: string | undefined];

/** Thrown where a token goes on in bytes that have not come yet. */
const incomplete = new Error('incomplete');

/**
 * Reads XML 1.0 in namespaces from pieces of UTF-8, several times as quick as a parser for every use. Bytes are looked at as
 * Latin-1, whose strings take one byte a character; only values with other characters are decoded. Document types are refused.
 * @throws XmlProblem
 */
export class XmlScanner {
  readonly #handler: ScanHandler;
  readonly #names = new Names();
  /** Qualified names of the open elements, and what their declarations have hidden: a copy of the scope for each would be slow. */
  readonly #open: QualifiedName[] = [];
  readonly #hidden: (Hidden[] | undefined)[] = [];
  readonly #scope = new Map<string, string>([
    ['xml', 'http://www.w3.org/XML/1998/namespace'],
    ['', ''],
  ]);

  #rest: Buffer = Buffer.alloc(0);
  /** What came after the rest and was not looked at. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #text = '';
  #at = 0;
  /** Where in the document the text begins. */
  #base = 0;
  #isAscii = true;
  /** The element that was opened last: what it was followed by last time is tried first. */
  #previous: QualifiedName | undefined;
  /** Attributes of the element that is opened. */
  readonly #attributeNames: QualifiedName[] = [];
  readonly #attributeValues: string[] = [];
  #started = false;
  #hasMark = false;
  #hasRoot = false;

  readonly #isFragment: boolean;

  /** A fragment was read before as a part of its document, which has the namespaces of its prefixes. */
  constructor(handler: ScanHandler, { isFragment = false }: { isFragment?: boolean } = {}) {
    this.#handler = handler;
    this.#isFragment = isFragment;
  }

  /** Place in the document, in bytes, of what is read now: a tag's first byte at `open`, the byte behind it at `close`. */
  get position(): number {
    return this.#base + this.#at;
  }

  write(bytes: Uint8Array): void {
    const own = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#waiting.push(own);
    this.#waitingBytes += own.length;
    // A long token is looked at again when it has doubled, not with each piece.
    const isLong = this.#rest.length + this.#waitingBytes > maxTokenBytes;
    if (this.#waitingBytes >= this.#rest.length || isLong) this.#scan(this.#arrived(), false);
  }

  end(): void {
    this.#scan(this.#arrived(), true);
    if (this.#open.length > 0) throw new XmlProblem(`unclosed tag: ${this.#open.at(-1)?.whole}`);
    if (!this.#hasRoot) throw new XmlProblem('document must contain a root element');
  }

  #arrived(): Buffer {
    const [first] = this.#waiting;
    const isWhole = this.#rest.length === 0 && this.#waiting.length === 1;
    const bytes = isWhole && first ? first : Buffer.concat([this.#rest, ...this.#waiting]);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return bytes;
  }

  #scan(bytes: Buffer, isLast: boolean): void {
    this.#isAscii = isAscii(bytes);
    this.#text = bytes.toString('latin1');
    this.#at = 0;
    if (disallowed.test(this.#text)) throw new XmlProblem('disallowed character');
    if (!this.#started) {
      if (bytes.length < 3 && !isLast) {
        this.#rest = bytes;
        return;
      }
      this.#started = true;
      this.#hasMark = this.#text.startsWith('\xef\xbb\xbf');
      if (this.#hasMark) this.#at = 3;
    }
    try {
      while (this.#at < this.#text.length) this.#token(isLast);
    } catch (error) {
      if (error !== incomplete) throw error;
      if (isLast) throw new XmlProblem('unexpected end');
    }
    this.#rest = bytes.subarray(this.#at);
    this.#base += this.#at;
    this.#at = 0;
    if (this.#rest.length > maxTokenBytes) throw new XmlLimit('a text or tag is longer than 64 MB');
    this.#text = '';
  }

  /** One token; `#at` moves behind it when all of it was there. */
  #token(isLast: boolean): void {
    const text = this.#text;
    const at = this.#at;
    if (text.charCodeAt(at) !== lessThan) {
      const end = text.indexOf('<', at);
      if (end === -1 && !isLast) throw incomplete;
      const stop = end === -1 ? text.length : end;
      this.#characters(text.slice(at, stop));
      this.#at = stop;
      return;
    }
    const next = text.charCodeAt(at + 1);
    if (next === slash) this.#closeTag(at);
    else if (next === bang) this.#declaration(at);
    else if (next === question) this.#instruction(at);
    else if (Number.isNaN(next)) throw incomplete;
    else this.#openTag(at);
  }

  #characters(raw: string): void {
    if (this.#open.length > 0) {
      if (!this.#handler.wantsText() && raw.length < briefSpace && isSpace(raw)) return;
      const value = textValue(raw, this.#isAscii);
      if (this.#handler.wantsText()) this.#handler.text(value);
    } else if (/[^ \t\r\n]/.test(raw)) throw new XmlProblem('text data outside of root node');
  }

  #closeTag(at: number): void {
    const text = this.#text;
    const end = text.indexOf('>', at);
    if (end === -1) throw incomplete;
    const top = this.#open.at(-1);
    const name = top?.whole ?? '';
    const rest = text.slice(at + 2 + name.length, end);
    if (!top || !text.startsWith(name, at + 2) || (rest !== '' && /[^ \t\r\n]/.test(rest)))
      throw new XmlProblem(`unexpected close tag: ${text.slice(at + 2, Math.min(end, at + 80))}`);
    this.#at = end + 1;
    this.#leave();
  }

  #leave(): void {
    this.#open.pop();
    for (const [prefix, uri] of this.#hidden.pop() ?? []) {
      if (uri === undefined) this.#scope.delete(prefix);
      else this.#scope.set(prefix, uri);
    }
    this.#handler.close();
  }

  #declaration(at: number): void {
    const text = this.#text;
    if (text.startsWith('<!--', at)) {
      const end = text.indexOf('--', at + 4);
      if (end === -1 || end + 2 >= text.length) throw incomplete;
      if (text.charCodeAt(end + 2) !== greaterThan) throw new XmlProblem('malformed comment');
      this.#at = end + 3;
    } else if (text.startsWith('<![CDATA[', at)) {
      const end = text.indexOf(']]>', at + 9);
      if (end === -1) throw incomplete;
      if (this.#open.length === 0) throw new XmlProblem('text data outside of root node');
      const value = literalValue(text.slice(at + 9, end), this.#isAscii);
      if (this.#handler.wantsText()) this.#handler.text(value);
      this.#at = end + 3;
    } else if (text.length - at < 9) {
      throw incomplete;
    } else if (text.startsWith('<!DOCTYPE', at)) {
      throw new XmlProblem('a document type is not allowed, found <!DOCTYPE');
    } else throw new XmlProblem('disallowed character');
  }

  #instruction(at: number): void {
    const text = this.#text;
    const end = text.indexOf('?>', at);
    if (end === -1) throw incomplete;
    const [, target = '', after = ''] = /^([^ \t\r\n?]*)(\s?)/.exec(text.slice(at + 2, end)) ?? [];
    this.#names.check(target);
    const isDeclaration = target.toLowerCase() === 'xml';
    if (isDeclaration && (this.#hasRoot || !this.#isStart(at)))
      throw new XmlProblem('an XML declaration must be at the start of the document');
    if (isDeclaration && !declaration.test(text.slice(at, end + 2)))
      throw new XmlProblem('a malformed XML declaration');
    if (after === '' && at + 2 + target.length !== end)
      throw new XmlProblem('a malformed processing instruction');
    this.#at = end + 2;
  }

  /** Whether nothing but a byte order mark is before this place. */
  #isStart(at: number): boolean {
    return this.#base + at === (this.#hasMark ? 3 : 0);
  }

  #openTag(at: number): void {
    const text = this.#text;
    const name = this.#elementName(at + 1);
    let place = at + 1 + name.whole.length;
    if (this.#open.length === 0 && this.#hasRoot) throw new XmlProblem('documents may contain only one root');
    const names = this.#attributeNames;
    const values = this.#attributeValues;
    names.length = 0;
    values.length = 0;
    let isEmpty = false;
    for (;;) {
      const before = place;
      place = skipSpace(text, place);
      const code = text.charCodeAt(place);
      if (code === greaterThan) break;
      if (code === slash) {
        if (place + 1 >= text.length) throw incomplete;
        if (text.charCodeAt(place + 1) !== greaterThan) {
          throw new XmlProblem('forward-slash in opening tag not followed by >');
        }
        isEmpty = true;
        place += 1;
        break;
      }
      if (place >= text.length) throw incomplete;
      if (before === place) throw new XmlProblem('no whitespace between attributes');
      place = this.#attribute(name, place, names, values);
    }
    this.#enter(name, names, values);
    this.#at = place + 1;
    if (isEmpty) this.#leave();
  }

  /** The name at a place: mostly the one that followed the previous element before. */
  #elementName(from: number): QualifiedName {
    const text = this.#text;
    const previous = this.#previous;
    const likely = previous?.next;
    let name: QualifiedName;
    if (
      likely !== undefined &&
      text.startsWith(likely.whole, from) &&
      isNameEnd(text.charCodeAt(from + likely.whole.length)) &&
      from + likely.whole.length < text.length
    ) {
      name = likely;
    } else {
      let place = from;
      while (!isNameEnd(text.charCodeAt(place))) place += 1;
      if (place >= text.length) throw incomplete;
      name = this.#names.get(text.slice(from, place));
      if (previous) previous.next = name;
    }
    this.#previous = name;
    return name;
  }

  /** Reads one attribute; returns the place behind it. */
  #attribute(element: QualifiedName, from: number, names: QualifiedName[], values: string[]): number {
    const text = this.#text;
    const nth = names.length;
    const likely = element.attributes[nth];
    let name: QualifiedName;
    let start: number;
    let quote = '"';
    if (likely !== undefined && text.startsWith(likely.lead, from)) {
      name = likely;
      start = from + likely.lead.length;
    } else {
      let place = from;
      while (!isNameEnd(text.charCodeAt(place))) place += 1;
      const whole = text.slice(from, place);
      place = skipSpace(text, place);
      if (place + 1 >= text.length) throw incomplete;
      if (text.charCodeAt(place) !== equals) throw new XmlProblem('attribute without value');
      place = skipSpace(text, place + 1);
      const code = text.charCodeAt(place);
      if (place >= text.length) throw incomplete;
      if (code !== doubleQuote && code !== singleQuote) throw new XmlProblem('unquoted attribute value');
      if (code === singleQuote) quote = "'";
      start = place + 1;
      name = this.#names.get(whole);
      if (nth < 32) element.attributes[nth] = name;
    }
    const end = text.indexOf(quote, start);
    if (end === -1) throw incomplete;
    if (names.length === maxAttributes) throw new XmlLimit(`more than ${maxAttributes} attributes`);
    if (names.includes(name)) throw new XmlProblem(`duplicate attribute: ${name.whole}`);
    names.push(name);
    values.push(attributeValue(text.slice(start, end), this.#isAscii));
    return end + 1;
  }

  #enter(name: QualifiedName, names: readonly QualifiedName[], values: readonly string[]): void {
    let hidden: Hidden[] | undefined;
    this.#open.push(name);
    this.#hasRoot = true;
    let prefixed = 0;
    for (let at = 0; at < names.length; at++) {
      const { whole, prefix, local } = names[at]!;
      if (prefix === 'xmlns') {
        hidden ??= [];
        hidden.push(this.#declare(whole === 'xmlns' ? '' : local, values[at]!));
      } else if (prefix !== '') prefixed += 1;
    }
    this.#hidden.push(hidden);
    const ns = this.#scope.get(name.prefix) ?? (this.#isFragment ? '' : undefined);
    if (ns === undefined || name.prefix === 'xmlns')
      throw new XmlProblem(`unbound namespace prefix: ${name.prefix}`);
    if (prefixed > 0 && !this.#isFragment) this.#requireBound(names);
    this.#handler.open(
      ns,
      name.local,
      this.#handler.wantsAttributes() ? this.#attributes(names, values) : null,
    );
  }

  /** Returns what the declaration hides. */
  #declare(prefix: string, value: string): Hidden {
    const uri = value.trim();
    const isXml = uri === 'http://www.w3.org/XML/1998/namespace';
    if (prefix === 'xmlns' || uri === 'http://www.w3.org/2000/xmlns/' || isXml !== (prefix === 'xml'))
      throw new XmlProblem(`the prefix ${prefix} may not be bound to ${uri}`);
    if (uri === '' && prefix !== '') throw new XmlProblem(`invalid attempt to undefine prefix ${prefix}`);
    const hidden: Hidden = [prefix, this.#scope.get(prefix)];
    this.#scope.set(prefix, uri);
    return hidden;
  }

  /** Attributes with prefixes need namespaces, and may not be the same by them. */
  #requireBound(names: readonly QualifiedName[]): void {
    const seen = new Set<string>();
    for (const { prefix, local } of names) {
      if (prefix === '' || prefix === 'xmlns') continue;
      const uri = this.#scope.get(prefix);
      if (uri === undefined) throw new XmlProblem(`unbound namespace prefix: ${prefix}`);
      if (seen.has(`${uri} ${local}`)) throw new XmlProblem(`duplicate attribute: {${uri}}${local}`);
      seen.add(`${uri} ${local}`);
    }
  }

  #attributes(names: readonly QualifiedName[], values: readonly string[]): Attributes {
    const attributes = new Attributes();
    for (let at = 0; at < names.length; at++) {
      const { prefix, local } = names[at]!;
      const key =
        prefix === '' ? local : keyOf(prefix === 'xmlns' ? xmlnsUri : (this.#scope.get(prefix) ?? ''), local);
      attributes[key] = values[at]!;
    }
    return attributes;
  }
}

const xmlnsUri = 'http://www.w3.org/2000/xmlns/';

const usualPrefixes: Readonly<Record<string, string>> = {
  'http://www.w3.org/XML/1998/namespace': 'xml:',
  'http://www.w3.org/1999/xlink': 'xlink:',
  'http://www.w3.org/2001/XMLSchema-instance': 'xsi:',
  [xmlnsUri]: 'xmlns:',
};

function keyOf(uri: string, local: string): string {
  return `${Object.hasOwn(usualPrefixes, uri) ? usualPrefixes[uri] : ''}${local}`;
}

const declaration =
  /^<\?xml\s+version\s*=\s*(?:"1\.\d+"|'1\.\d+')(?:\s+encoding\s*=\s*(?:"[A-Za-z][\w.-]*"|'[A-Za-z][\w.-]*'))?(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>$/;

function skipSpace(text: string, from: number): number {
  let place = from;
  for (;;) {
    const code = text.charCodeAt(place);
    if (code !== 0x20 && code !== 0x0a && code !== 0x09 && code !== 0x0d) return place;
    place += 1;
  }
}

/** Longer white space between tags is rare. */
const briefSpace = 64;

function isSpace(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a) return false;
  }
  return true;
}

/** White space, `/`, `>`, `=`, or the end of the piece. */
function isNameEnd(code: number): boolean {
  return (
    code === 0x20 ||
    code === greaterThan ||
    code === equals ||
    code === slash ||
    code === 0x0a ||
    code === 0x09 ||
    code === 0x0d ||
    Number.isNaN(code)
  );
}
