/** A fault in a document. */
export class XmlProblem extends Error {}

/** One that says all there is to say: no other parser is asked. */
export class SettledProblem extends XmlProblem {}

/** A part of a document that exceeds a limit. */
export class XmlLimit extends SettledProblem {}

/** A name in its parts; `xmlns` alone has that prefix too. */
export interface QualifiedName {
  whole: string;
  /** Its bytes. */
  codes: Uint8Array;
  prefix: string;
  local: string;
  /** The element that followed one of this name, and its attributes' names, the last time: tried first the next time. */
  next: QualifiedName | undefined;
  attributes: QualifiedName[];
}

const asciiName = /^[A-Za-z_][\w.-]*$/;
const anyName =
  /^[A-Z_a-z\xC0-\xD6\xD8-\xF6\xF8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}][-.0-9A-Z_a-z\xB7\xC0-\xD6\xD8-\xF6\xF8-\u037D\u037F-\u1FFF\u200C-\u200D\u203F\u2040\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}]*$/u;

/** A document of ever new names must not fill the memory. */
const maxNames = 100_000;

/** Names, each checked once: a document has few. */
export class NameCache {
  readonly #known = new Map<string, QualifiedName>();

  /** @throws XmlProblem */
  get(raw: string): QualifiedName {
    const known = this.#known.get(raw);
    if (known) return known;
    const whole = decoded(raw);
    const parts = whole.split(':');
    if (parts.length > 2) throw new XmlProblem(`malformed name: ${whole.slice(0, 80)}`);
    this.#part(parts[0]!);
    // As the parser has it, a local name may begin with any character of a name.
    if (parts.length === 2) this.#part(parts[1] === '' ? '' : `_${parts[1]}`);
    const [prefix, local] =
      parts.length === 2 ? (parts as [string, string]) : whole === 'xmlns' ? ['xmlns', 'xmlns'] : ['', whole];
    const codes = new Uint8Array(Buffer.from(raw, 'latin1'));
    const name: QualifiedName = { whole: raw, codes, prefix, local, next: undefined, attributes: [] };
    if (this.#known.size === maxNames) throw new XmlLimit(`more than ${maxNames} names`);
    this.#known.set(raw, name);
    return name;
  }

  /** A name without a colon. */
  check(raw: string): void {
    this.#part(decoded(raw));
  }

  #part(part: string): void {
    if (!asciiName.test(part) && !anyName.test(part))
      throw new XmlProblem(`malformed name: ${part.slice(0, 80)}`);
  }
}

/** Character data: lines end with LF, references are resolved. Raw text is UTF-8 as Latin-1. */
export function textValue(raw: string, isAscii: boolean): string {
  const text = isAscii ? raw : decoded(raw);
  if (!/[&\r\]]/.test(text)) return text;
  if (text.includes(']]>')) throw new XmlProblem('the string "]]>" is disallowed in char data');
  const lines = withLineFeeds(text);
  return lines.includes('&') ? resolved(lines) : lines;
}

const otherReference = /&(?!(?:lt|gt|amp|quot|apos);)/;

/** The same errors for character data that nobody reads. */
export function checkText(raw: string, isAscii: boolean): void {
  if (otherReference.test(raw) || raw.includes(']]>')) textValue(raw, isAscii);
}

/** Character data without references. */
export function literalValue(raw: string, isAscii: boolean): string {
  return withLineFeeds(isAscii ? raw : decoded(raw));
}

function withLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

/** An attribute's value: white space is blanks, references are resolved. */
export function attributeValue(raw: string, isAscii: boolean): string {
  const text = isAscii ? raw : decoded(raw);
  if (!/[&<\t\r\n]/.test(text)) return text;
  if (text.includes('<')) throw new XmlProblem('disallowed character in attribute value');
  const blanks = text.replace(/\r\n|[\t\r\n]/g, ' ');
  return blanks.includes('&') ? resolved(blanks) : blanks;
}

const beyondAscii = /[\x80-\xff]/;

function decoded(raw: string): string {
  return beyondAscii.test(raw) ? Buffer.from(raw, 'latin1').toString('utf8') : raw;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function resolved(text: string): string {
  return text.replace(/&([^;&]*)(;?)/g, (_, name: string, end: string) => {
    if (end === '') throw new XmlProblem('a reference without its end');
    if (Object.hasOwn(entities, name)) return entities[name]!;
    const [, hex, decimal] = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name) ?? [];
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (!isCharacter(code)) throw new XmlProblem(`undefined entity: ${name.slice(0, 80)}`);
    return String.fromCodePoint(code);
  });
}

/** Whether XML 1.0 allows the character. */
function isCharacter(code: number): boolean {
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}
