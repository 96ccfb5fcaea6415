import { linesOf, newlines, readTextBlocks } from '../../files/lines.ts';
import { unreadable } from '../../files/unreadable.ts';
import type { RandomAccess } from '../../model/inventory/index.ts';

/** One paragraph of a deb822(5) file. */
export interface Stanza {
  /** Line on which it begins; counted when it is asked for. */
  line(): number;
  /** Wanted fields by lower-case name; folded lines are joined by newlines. */
  fields: Pick<ReadonlyMap<string, string>, 'get'>;
  /** Its end: an empty line, the end of the file, or the end of the file without a newline. */
  end: 'blank' | 'newline' | 'cut';
}

export interface StanzaOptions {
  /** Path, for the place of an error. */
  where: string;
  /** Lower-case names of the fields to keep, best in dpkg's order; of the others only the form is checked. */
  fields: ReadonlySet<string>;
  /** True: lines that begin with # are comments, as for apt. dpkg takes them for fields. */
  comments?: boolean;
}

const fieldName = /^[!-9;-~]+$/;

// The same twenty names are in every paragraph: each is checked and lowered once per file.
const maxKnownNames = 100;

const space = 0x20;
const tab = 0x09;
const hash = 0x23;

const paragraphEnd = '\n\n';

/** Yields paragraphs in file order. @throws PACKAGE_DATABASE_UNREADABLE at a line that is neither field nor folded line */
export function* readStanzas(content: RandomAccess, options: StanzaOptions): Generator<Stanza> {
  const usual = usualParagraphs(options);
  const other = new ParagraphLines(options);
  for (const { text, ended, before } of readTextBlocks(content, options.where)) {
    for (let at = 0; at <= text.length; ) {
      const start = at;
      const end = text.indexOf(paragraphEnd, at);
      const line = () => before + newlines(text, start) + 1;
      const fields = end === -1 || other.isOpen ? undefined : usual(text, start, end);
      if (fields) yield { line, fields, end: 'blank' };
      else yield* other.read(linesOf(end === -1 ? text.slice(at) : text.slice(at, end + 1)), line, ended);
      at = end === -1 ? text.length + 1 : end + paragraphEnd.length;
    }
  }
  yield* other.end();
}

/**
 * Matches a paragraph as dpkg writes it: capitalized names, the wanted fields in their order, none twice and each on one line, of which
 * the first begins it. Lines between them are taken by one group only, so that a match takes linear time.
 */
function asWritten(wanted: readonly string[]): RegExp {
  const names = wanted.map((name) => name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase()));
  const others = String.raw`(?:(?!(?:${names.join('|')}):)[A-Z][a-z0-9]*(?:-[A-Z][a-z0-9]*)*:.*\n(?:[ \t]+\S.*\n)*)*`;
  const [first, ...more] = names.map((name) => String.raw`${name}:[ \t]*(\S(?:.*\S)?|)\n${others}`);
  return new RegExp(`${first}${more.map((field) => `(?:${field})?`).join('')}`, 'y');
}

/** Reads paragraphs as dpkg writes them at once. Undefined: it has another form, or begins a block. */
function usualParagraphs({ fields, comments = false }: StanzaOptions) {
  const wanted = [...fields];
  const pattern = asWritten(wanted);
  const places = new Map(wanted.map((name, nth) => [name, nth + 1]));
  return (text: string, start: number, end: number): Stanza['fields'] | undefined => {
    if (comments || start === 0) return undefined;
    pattern.lastIndex = start;
    const match = pattern.exec(text);
    if (match === null || pattern.lastIndex !== end + 1) return undefined;
    return { get: (name) => match[places.get(name) ?? -1] };
  };
}

function isBlank(code: number): boolean {
  return code === space || code === tab;
}

/** Reads paragraphs line by line; one may be in several blocks. */
class ParagraphLines {
  readonly #options: StanzaOptions;
  readonly #nameOf: ReturnType<typeof fieldNames>;
  #stanza: { line(): number; fields: Map<string, string>; end: Stanza['end'] } | undefined;
  #current: string | undefined;

  constructor(options: StanzaOptions) {
    this.#options = options;
    this.#nameOf = fieldNames(options);
  }

  /** Whether lines have begun a paragraph and not ended it. */
  get isOpen(): boolean {
    return this.#stanza !== undefined;
  }

  /** `line`: the number of the first line. `ended`: whether the last one has its newline. */
  *read(lines: readonly string[], line: () => number, ended: boolean): Generator<Stanza> {
    const { where, comments = false } = this.#options;
    for (const [nth, text] of lines.entries()) {
      const first = text.charCodeAt(0);
      const isFolded = isBlank(first);
      if (text === '' || ((isFolded || first < space) && text.trim() === '')) {
        if (this.#stanza) {
          this.#stanza.end = ended ? 'blank' : 'cut';
          yield this.#stanza;
        }
        this.#stanza = undefined;
        this.#current = undefined;
      } else if (isFolded) {
        const stanza = this.#stanza;
        if (!stanza)
          throw unreadable(
            `${where} line ${line() + nth}`,
            'expected a field, found a folded line without one',
          );
        if (this.#current !== undefined)
          stanza.fields.set(this.#current, `${stanza.fields.get(this.#current)}\n${text.trim()}`);
        if (!ended) stanza.end = 'cut';
      } else if (!comments || first !== hash) {
        const colon = text.indexOf(':');
        const current = this.#nameOf(text, colon, () => `${where} line ${line() + nth}`);
        this.#current = current;
        this.#stanza ??= { line: () => line() + nth, fields: new Map(), end: 'newline' };
        if (!ended) this.#stanza.end = 'cut';
        if (current === undefined) continue;
        if (this.#stanza.fields.has(current)) {
          throw unreadable(
            `${where} line ${line() + nth}`,
            `expected one ${text.slice(0, colon).trimEnd()} in a paragraph, found a second`,
          );
        }
        this.#stanza.fields.set(current, text.slice(colon + 1).trim());
      }
    }
  }

  /** Yields the stanza that the end of the file completes. */
  *end(): Generator<Stanza> {
    if (this.#stanza) yield this.#stanza;
  }
}

/** The lower-case name of a wanted field line; undefined for others. */
function fieldNames({ fields: wanted }: StanzaOptions) {
  const known = new Map<string, string | undefined>();
  return (text: string, colon: number, place: () => string): string | undefined => {
    const written = text.slice(0, Math.max(colon, 0));
    const before = known.get(written);
    if (before !== undefined || known.has(written)) return before;
    const name = written.trimEnd();
    if (!fieldName.test(name)) throw unreadable(place(), `expected "Field: value", found ${quote(text)}`);
    const lower = name.toLowerCase();
    const found = wanted.has(lower) ? lower : undefined;
    if (known.size < maxKnownNames) known.set(written, found);
    return found;
  };
}

/** The start of a text, safe to print. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
