import type { RandomAccess } from '../model/index.ts';
import { readLines } from './lines.ts';
import { unreadable } from './unreadable.ts';

/** One paragraph of a deb822(5) file. */
export interface Stanza {
  /** Line on which it begins. */
  line: number;
  /** Wanted fields by lower-case name; folded lines are joined by newlines. */
  fields: ReadonlyMap<string, string>;
  /** False when the file ends inside it without a newline. */
  ended: boolean;
}

export interface StanzaOptions {
  /** Path, for the place of an error. */
  where: string;
  /** Lower-case names of the fields to keep; the others are only checked for their form. */
  fields: ReadonlySet<string>;
}

const fieldName = /^[!-9;-~]+$/;

// The same twenty names stand in every paragraph: each is checked and lowered once a file.
const maxKnownNames = 100;

/** Paragraphs in file order. Errors: PACKAGE_DATABASE_UNREADABLE at the line that is neither field nor folded line. */
export function* readStanzas(content: RandomAccess, { where, fields }: StanzaOptions): Generator<Stanza> {
  let stanza: { line: number; fields: Map<string, string>; ended: boolean } | undefined;
  let current: string | undefined;
  const knownNames = new Map<string, string>();
  for (const { text, number, ended } of readLines(content, where)) {
    if (text.trim() === '') {
      if (stanza) yield stanza;
      stanza = undefined;
      current = undefined;
      continue;
    }
    if (text.startsWith('#')) continue;
    if (text.startsWith(' ') || text.startsWith('\t')) {
      if (!stanza)
        throw unreadable(`${where} line ${number}`, 'expected a field, found a folded line without one');
      if (current !== undefined) stanza.fields.set(current, `${stanza.fields.get(current)}\n${text.trim()}`);
      stanza.ended = ended;
      continue;
    }
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(colon, 0)).trimEnd();
    const known = knownNames.get(name) ?? name.toLowerCase();
    if (!knownNames.has(name)) {
      if (!fieldName.test(name)) {
        throw unreadable(`${where} line ${number}`, `expected "Field: value", found ${quote(text)}`);
      }
      if (knownNames.size < maxKnownNames) knownNames.set(name, known);
    }
    stanza ??= { line: number, fields: new Map(), ended };
    stanza.ended = ended;
    current = fields.has(known) ? known : undefined;
    if (current === undefined) continue;
    if (stanza.fields.has(current)) {
      throw unreadable(`${where} line ${number}`, `expected one ${name} in a paragraph, found a second`);
    }
    stanza.fields.set(current, text.slice(colon + 1).trim());
  }
  if (stanza) yield stanza;
}

/** The beginning of a text, safe to print. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
