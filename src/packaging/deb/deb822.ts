import { readLineBlocks } from '../../files/lines.ts';
import { unreadable } from '../../files/unreadable.ts';
import type { RandomAccess } from '../../model/index.ts';

/** One paragraph of a deb822(5) file. */
export interface Stanza {
  /** Line on which it begins. */
  line: number;
  /** Wanted fields by lower-case name; folded lines are joined by newlines. */
  fields: ReadonlyMap<string, string>;
  /** How it ends: with an empty line, the end of the file, or without a newline. */
  end: 'blank' | 'newline' | 'cut';
}

export interface StanzaOptions {
  /** Path, for the place of an error. */
  where: string;
  /** Lower-case names of the fields to keep; of the others only the form is checked. */
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

/** Yields paragraphs in file order. @throws PACKAGE_DATABASE_UNREADABLE at a line that is neither field nor folded line */
export function* readStanzas(
  content: RandomAccess,
  { where, fields, comments = false }: StanzaOptions,
): Generator<Stanza> {
  let stanza: { line: number; fields: Map<string, string>; end: Stanza['end'] } | undefined;
  let current: string | undefined;
  let number = 0;
  const nameOf = fieldNames(where, fields);
  for (const { lines, ended } of readLineBlocks(content, where)) {
    for (const text of lines) {
      number += 1;
      const first = text.charCodeAt(0);
      const folded = first === space || first === tab;
      if (text === '' || ((folded || first < space) && text.trim() === '')) {
        if (stanza) {
          stanza.end = ended ? 'blank' : 'cut';
          yield stanza;
        }
        stanza = undefined;
        current = undefined;
      } else if (folded) {
        if (!stanza)
          throw unreadable(`${where} line ${number}`, 'expected a field, found a folded line without one');
        if (current !== undefined)
          stanza.fields.set(current, `${stanza.fields.get(current)}\n${text.trim()}`);
        if (!ended) stanza.end = 'cut';
      } else if (!comments || first !== hash) {
        const colon = text.indexOf(':');
        current = nameOf(text, colon, number);
        stanza ??= { line: number, fields: new Map(), end: 'newline' };
        if (!ended) stanza.end = 'cut';
        if (current === undefined) continue;
        if (stanza.fields.has(current)) {
          throw unreadable(
            `${where} line ${number}`,
            `expected one ${text.slice(0, colon).trimEnd()} in a paragraph, found a second`,
          );
        }
        stanza.fields.set(current, text.slice(colon + 1).trim());
      }
    }
  }
  if (stanza) yield stanza;
}

/** The lower-case name of a wanted field line; undefined for others. */
function fieldNames(where: string, wanted: ReadonlySet<string>) {
  const known = new Map<string, string | undefined>();
  return (text: string, colon: number, number: number): string | undefined => {
    const written = text.slice(0, Math.max(colon, 0));
    const before = known.get(written);
    if (before !== undefined || known.has(written)) return before;
    const name = written.trimEnd();
    if (!fieldName.test(name)) {
      throw unreadable(`${where} line ${number}`, `expected "Field: value", found ${quote(text)}`);
    }
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
