import { isAscii } from 'node:buffer';
import { requireUtf8 } from './require-utf8.ts';
import {
  attributeValue,
  checkText,
  literalValue,
  NameCache,
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

/** Attributes of an element, valid during the handler's call: values are made when they are requested. */
export interface ElementAttributes {
  /** By the key. */
  get(key: string): string | undefined;
  all(): Attributes;
}

/** The events of a scanner: elements with namespaces, and character data with references resolved. */
export interface ScanHandler {
  /** Returns whether attributes of the next element are of interest. */
  wantsAttributes(): boolean;
  /** Returns whether character data is of interest. */
  wantsText(): boolean;
  /** `null` attributes: they were not wanted. */
  open(ns: string, name: string, attributes: ElementAttributes | null): void;
  text(text: string): void;
  close(): void;
}

/** More than one token of a usual document has; a longer one is refused. */
const maxTokenBytes = 64 * 1024 * 1024;
/** More attributes than any element has. */
const maxAttributes = 1000;

const [lessThan, slash, bang, question, equals, greaterThan] = [0x3c, 0x2f, 0x21, 0x3f, 0x3d, 0x3e];
const [doubleQuote, singleQuote] = [0x22, 0x27];

/** Classes of bytes between tokens: white space, or the end of a name. */
const [space, otherSpace, nameEnd] = [1, 2, 4];
const kinds = new Uint8Array(256);
for (const byte of [0x20, 0x0a]) kinds[byte] = space | nameEnd;
for (const byte of [0x09, 0x0d]) kinds[byte] = otherSpace | nameEnd;
for (const byte of [slash, equals, greaterThan]) kinds[byte] = nameEnd;

/** And what in character data: besides white space what stands for itself, for something else, or is not allowed. */
const [plain, special, foreign, notAllowed] = [4, 8, 16, 32];
const textKinds = new Uint8Array(256).fill(plain);
textKinds.fill(notAllowed, 0, 0x20);
for (const byte of [0x20, 0x0a]) textKinds[byte] = space;
textKinds[0x09] = otherSpace;
textKinds[0x0d] = otherSpace | special;
for (const sign of '&]') textKinds[sign.charCodeAt(0)] = plain | special;
textKinds.fill(foreign | special, 0x80);

/** Of a byte in an attribute's value, whether it may not stand for itself. */
const valueKinds = new Uint8Array(256);
valueKinds.fill(1, 0, 0x20);
valueKinds.fill(1, 0x80);
for (const sign of '&<') valueKinds[sign.charCodeAt(0)] = 1;

/** Characters that XML does not allow, in the bytes of UTF-8. */
const disallowed = /[\0-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]/;

/** A prefix and what it was bound to outside of an element. */
type Hidden = readonly [prefix: string, uri: string | undefined];

const noCodes = new Uint8Array();

/** Thrown where a token goes on in bytes that have not come yet. */
const incomplete = new Error('incomplete');

/**
 * Reads XML 1.0 in namespaces from pieces of UTF-8. saxes, which reads what this one does not, takes 2.3 to 2.9 times as long for
 * a data stream of SSG with all attributes, and 3.5 to 4.3 times where a handler wants neither these nor text. Input is
 * scanned as Latin-1 strings, which take one byte per character; only values with other characters are decoded. Document types are refused.
 * @throws XmlProblem
 */
export class XmlScanner {
  readonly #handler: ScanHandler;
  readonly #names = new NameCache();
  /** Qualified names of the open elements, and what their declarations have hidden: a copy of the scope for each would be slow. */
  readonly #open: QualifiedName[] = [];
  readonly #hidden: (Hidden[] | undefined)[] = [];
  readonly #scope = new Map<string, string>([
    ['xml', 'http://www.w3.org/XML/1998/namespace'],
    ['', ''],
  ]);

  #rest: Buffer = Buffer.alloc(0);
  /** Input that arrived after the rest and has not been scanned. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** The scanned bytes, their number, and the same as text. */
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;
  #text = '';
  #at = 0;
  /** Where in the document the text begins. */
  #base = 0;
  #isAscii = true;
  /** The element that was opened last: what it was followed by last time is tried first. */
  #previous: QualifiedName | undefined;
  /** Attributes of the element that is opened: names, where their values are, and those values that are more than their bytes. */
  readonly #attributeNames: QualifiedName[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #values: (string | undefined)[] = [];
  #attributes = 0;
  readonly #element: ElementAttributes = {
    get: (key) => this.#attributeOf(key),
    all: () => this.#allAttributes(),
  };
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

  /** The bytes are the caller's again after the call. */
  write(bytes: Uint8Array): void {
    this.#waitingBytes += bytes.length;
    // A long token is looked at again when it has doubled, not with each piece.
    const isLong = this.#rest.length + this.#waitingBytes > maxTokenBytes;
    if (this.#waitingBytes < this.#rest.length && !isLong) this.#waiting.push(Buffer.from(bytes));
    else this.#scan(this.#arrived(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)), false);
  }

  end(): void {
    this.#scan(this.#arrived(Buffer.alloc(0)), true);
    if (this.#open.length > 0) throw new XmlProblem(`unclosed tag: ${this.#open.at(-1)?.whole}`);
    if (!this.#hasRoot) throw new XmlProblem('document must contain a root element');
  }

  #arrived(last: Buffer): Buffer {
    const before = [this.#rest, ...this.#waiting];
    this.#waiting = [];
    this.#waitingBytes = 0;
    return before.every(({ length }) => length === 0) ? last : Buffer.concat([...before, last]);
  }

  #scan(bytes: Buffer, isLast: boolean): void {
    this.#bytes = bytes;
    this.#length = bytes.length;
    this.#isAscii = isAscii(bytes);
    if (!this.#isAscii) requireUtf8(bytes, this.#base, isLast);
    this.#text = bytes.toString('latin1');
    this.#at = 0;
    if (!this.#started) {
      if (bytes.length < 3 && !isLast) {
        this.#rest = Buffer.from(bytes);
        return;
      }
      this.#started = true;
      this.#hasMark = this.#text.startsWith('\xef\xbb\xbf');
      if (this.#hasMark) this.#at = 3;
    }
    try {
      while (this.#at < this.#length) this.#token(isLast);
    } catch (error) {
      if (error !== incomplete) throw error;
      if (isLast) throw new XmlProblem('unexpected end');
    }
    this.#rest = Buffer.from(bytes.subarray(this.#at));
    this.#base += this.#at;
    this.#at = 0;
    if (this.#rest.length > maxTokenBytes) throw new XmlLimit('a text or tag is longer than 64 MB');
    this.#text = '';
  }

  /** One token; `#at` moves behind it when all of it was there. */
  #token(isLast: boolean): void {
    const at = this.#at;
    if (this.#bytes[at] !== lessThan) {
      this.#characters(at, isLast);
      return;
    }
    if (at + 1 >= this.#length) throw incomplete;
    const next = this.#bytes[at + 1];
    if (next === slash) this.#closeTag(at);
    else if (next === bang) this.#declaration(at);
    else if (next === question) this.#instruction(at);
    else this.#openTag(at);
  }

  #characters(from: number, isLast: boolean): void {
    const bytes = this.#bytes;
    const length = this.#length;
    let found = 0;
    let end = from;
    for (; end < length; end++) {
      const byte = bytes[end]!;
      if (byte === lessThan) break;
      found |= textKinds[byte]!;
    }
    if (end === length && !isLast) throw incomplete;
    if (this.#open.length > 0) {
      const isWanted = this.#handler.wantsText();
      if (isWanted || found !== space) {
        const raw = this.#text.slice(from, end);
        if (found & (notAllowed | foreign)) requireAllowed(raw);
        if (isWanted) this.#handler.text(found & special ? textValue(raw, this.#isAscii) : raw);
        else if (found & special) checkText(raw, this.#isAscii);
      }
    } else if (found & (plain | foreign | notAllowed)) throw new XmlProblem('text data outside of root node');
    this.#at = end;
  }

  #closeTag(at: number): void {
    const bytes = this.#bytes;
    const top = this.#open.at(-1);
    const codes = top?.codes ?? noCodes;
    let place = at + 2;
    for (let nth = 0; nth < codes.length; nth++) {
      if (bytes[place] !== codes[nth]) this.#wrongCloseTag(at);
      place += 1;
    }
    if (place < this.#length && bytes[place] !== greaterThan) place = this.#skipSpace(place);
    if (place >= this.#length) throw incomplete;
    if (!top || bytes[place] !== greaterThan) this.#wrongCloseTag(at);
    this.#at = place + 1;
    this.#leave();
  }

  #wrongCloseTag(at: number): never {
    const end = this.#text.indexOf('>', at);
    if (end === -1) throw incomplete;
    throw new XmlProblem(`unexpected close tag: ${this.#text.slice(at + 2, Math.min(end, at + 80))}`);
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
      requireAllowed(text.slice(at, end));
      this.#at = end + 3;
    } else if (text.startsWith('<![CDATA[', at)) {
      const end = text.indexOf(']]>', at + 9);
      if (end === -1) throw incomplete;
      if (this.#open.length === 0) throw new XmlProblem('text data outside of root node');
      const raw = text.slice(at + 9, end);
      requireAllowed(raw);
      const value = literalValue(raw, this.#isAscii);
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
    requireAllowed(text.slice(at, end));
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
    const bytes = this.#bytes;
    const length = this.#length;
    const name = this.#elementName(at + 1);
    let place = at + 1 + name.codes.length;
    if (this.#open.length === 0 && this.#hasRoot) throw new XmlProblem('documents may contain only one root');
    this.#attributes = 0;
    let isEmpty = false;
    for (;;) {
      const before = place;
      place = this.#skipSpace(place);
      if (place >= length) throw incomplete;
      const byte = bytes[place];
      if (byte === greaterThan) break;
      if (byte === slash) {
        if (place + 1 >= length) throw incomplete;
        if (bytes[place + 1] !== greaterThan)
          throw new XmlProblem('forward-slash in opening tag not followed by >');
        isEmpty = true;
        place += 1;
        break;
      }
      if (before === place) throw new XmlProblem('no whitespace between attributes');
      place = this.#attribute(name, place);
    }
    this.#enter(name);
    this.#at = place + 1;
    if (isEmpty) this.#leave();
  }

  /** The name at a place: mostly the one that followed the previous element before. */
  #elementName(from: number): QualifiedName {
    const previous = this.#previous;
    const likely = previous?.next;
    let name = likely;
    if (likely === undefined || !this.#isName(likely.codes, from)) {
      const end = this.#nameEnd(from);
      if (end >= this.#length) throw incomplete;
      name = this.#names.get(this.#text.slice(from, end));
      if (previous) previous.next = name;
    }
    this.#previous = name;
    return name!;
  }

  /** Whether a name of these bytes, and no longer one, is at a place. */
  #isName(codes: Uint8Array, from: number): boolean {
    const bytes = this.#bytes;
    const end = from + codes.length;
    if (end >= this.#length) return false;
    for (let nth = 0; nth < codes.length; nth++) if (bytes[from + nth] !== codes[nth]) return false;
    return (kinds[bytes[end]!]! & nameEnd) !== 0;
  }

  #nameEnd(from: number): number {
    const bytes = this.#bytes;
    let end = from;
    while (end < this.#length && !(kinds[bytes[end]!]! & nameEnd)) end += 1;
    return end;
  }

  /** The next byte that is no white space. */
  #skipSpace(from: number): number {
    const bytes = this.#bytes;
    let place = from;
    while (place < this.#length && kinds[bytes[place]!]! & (space | otherSpace)) place += 1;
    return place;
  }

  /** Reads one attribute; returns the place behind it. */
  #attribute(element: QualifiedName, from: number): number {
    const bytes = this.#bytes;
    const length = this.#length;
    const nth = this.#attributes;
    let name = element.attributes[nth];
    let quote = doubleQuote;
    let start: number;
    if (
      name !== undefined &&
      this.#isName(name.codes, from) &&
      bytes[from + name.codes.length] === equals &&
      bytes[from + name.codes.length + 1] === doubleQuote
    ) {
      start = from + name.codes.length + 2;
    } else {
      const nameEnds = this.#nameEnd(from);
      let place = this.#skipSpace(nameEnds);
      if (place + 1 >= length) throw incomplete;
      if (bytes[place] !== equals) throw new XmlProblem('attribute without value');
      place = this.#skipSpace(place + 1);
      if (place >= length) throw incomplete;
      quote = bytes[place]!;
      if (quote !== doubleQuote && quote !== singleQuote) throw new XmlProblem('unquoted attribute value');
      start = place + 1;
      name = this.#names.get(this.#text.slice(from, nameEnds));
      if (nth < 32) element.attributes[nth] = name;
    }
    let found = 0;
    let end = start;
    for (; end < length; end++) {
      const byte = bytes[end]!;
      if (byte === quote) break;
      found |= valueKinds[byte]!;
    }
    if (end >= length) throw incomplete;
    if (nth === maxAttributes) throw new XmlLimit(`more than ${maxAttributes} attributes`);
    for (let other = 0; other < nth; other++)
      if (this.#attributeNames[other] === name) throw new XmlProblem(`duplicate attribute: ${name.whole}`);
    this.#attributeNames[nth] = name;
    this.#starts[nth] = start;
    this.#ends[nth] = end;
    this.#values[nth] = found === 0 ? undefined : this.#specialValue(start, end);
    this.#attributes = nth + 1;
    return end + 1;
  }

  #specialValue(start: number, end: number): string {
    const raw = this.#text.slice(start, end);
    requireAllowed(raw);
    return attributeValue(raw, this.#isAscii);
  }

  #value(nth: number): string {
    return this.#values[nth] ?? this.#text.slice(this.#starts[nth], this.#ends[nth]);
  }

  #enter(name: QualifiedName): void {
    const names = this.#attributeNames;
    let hidden: Hidden[] | undefined;
    this.#open.push(name);
    this.#hasRoot = true;
    let prefixed = 0;
    for (let at = 0; at < this.#attributes; at++) {
      const { whole, prefix, local } = names[at]!;
      if (prefix === '') continue;
      if (prefix === 'xmlns') {
        hidden ??= [];
        hidden.push(this.#declare(whole === 'xmlns' ? '' : local, this.#value(at)));
      } else prefixed += 1;
    }
    this.#hidden.push(hidden);
    const ns = this.#scope.get(name.prefix) ?? (this.#isFragment ? '' : undefined);
    if (ns === undefined || name.prefix === 'xmlns')
      throw new XmlProblem(`unbound namespace prefix: ${name.prefix}`);
    if (prefixed > 0 && !this.#isFragment) this.#requireBound();
    this.#handler.open(ns, name.local, this.#handler.wantsAttributes() ? this.#element : null);
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
  #requireBound(): void {
    const seen = new Set<string>();
    for (const { prefix, local } of this.#attributeNames.slice(0, this.#attributes)) {
      if (prefix === '' || prefix === 'xmlns') continue;
      const uri = this.#scope.get(prefix);
      if (uri === undefined) throw new XmlProblem(`unbound namespace prefix: ${prefix}`);
      if (seen.has(`${uri} ${local}`)) throw new XmlProblem(`duplicate attribute: {${uri}}${local}`);
      seen.add(`${uri} ${local}`);
    }
  }

  #attributeOf(key: string): string | undefined {
    // As in a record, the last one of a key counts.
    for (let nth = this.#attributes - 1; nth >= 0; nth--)
      if (this.#keyOf(this.#attributeNames[nth]!) === key) return this.#value(nth);
    return undefined;
  }

  #allAttributes(): Attributes {
    const attributes = new Attributes();
    for (let nth = 0; nth < this.#attributes; nth++)
      attributes[this.#keyOf(this.#attributeNames[nth]!)] = this.#value(nth);
    return attributes;
  }

  #keyOf({ prefix, local }: QualifiedName): string {
    if (prefix === '') return local;
    return keyOf(prefix === 'xmlns' ? xmlnsUri : (this.#scope.get(prefix) ?? ''), local);
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

function requireAllowed(raw: string): void {
  if (disallowed.test(raw)) throw new XmlProblem('disallowed character');
}
