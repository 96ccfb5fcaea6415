import type { Fields } from '../io/json-parts.ts';
import { ScapfeedError } from '../model/error.ts';
import {
  type GoProgram,
  isDatabaseType,
  type PackageOwner,
  type Unstated,
  unstatedFacts,
} from '../model/inventory/index.ts';
import { isRecord } from '../model/shape.ts';

/** A text that is not empty; a number is its digits. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns the text; undefined for SPDX's NOASSERTION and NONE. */
export function assertedText(value: unknown): string | undefined {
  const text = textOf(value);
  return text === 'NOASSERTION' || text === 'NONE' ? undefined : text;
}

/** A member that is text; another value as JSON writes it, which no reader takes for what is meant. Absent or null: undefined. */
export function writtenText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return value === undefined || value === null ? undefined : JSON.stringify(value);
}

/** A list of records. Absent or null: empty. @throws {ScapfeedError} SBOM_MALFORMED for any other value: it would not be seen */
export function recordsOf(value: unknown, place: string): readonly Fields[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every(isRecord)) return value;
  throw otherValue('a list of objects', place);
}

/** A record. Absent or null: none of its members. @throws {ScapfeedError} SBOM_MALFORMED for any other value, as above */
export function recordOf(value: unknown, place: string): Fields {
  if (value === undefined || value === null) return {};
  if (isRecord(value)) return value;
  throw otherValue('an object', place);
}

function otherValue(expected: string, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SBOM_MALFORMED',
    message: `expected ${expected}, found another value`,
    where,
    remedy: 'write the document again, or download it from its publisher again',
  });
}

const digestForm = /sha256:[0-9a-f]{64}/;

/** The first sha256 digest in some texts. */
export function digestIn(...texts: readonly (string | undefined)[]): string | undefined {
  for (const text of texts) {
    const found = digestForm.exec(text ?? '')?.[0];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Without what stands in brackets at its end: `2` of `2 (Karoo)`. */
export function withoutBrackets(text: string): string {
  if (!text.endsWith(')')) return text;
  const open = text.indexOf('(', text.lastIndexOf(')', text.length - 2) + 1);
  return open === -1 ? text : text.slice(0, open).trimEnd();
}

/** As scapfeed writes it: type, name, version and architecture. */
export function ownerOf(text: string | undefined): PackageOwner | undefined {
  const [type, name, version, arch, more] = text?.split(' ') ?? [];
  if (!isDatabaseType(type) || !name || !version) return undefined;
  return arch === undefined || more !== undefined ? undefined : { type, name, version, arch };
}

/** As scapfeed writes it: the path of a module, and its version if it is known. */
export function programOf(text: string | undefined): GoProgram | undefined {
  const [name, version, more] = text?.split(' ') ?? [];
  if (!name || version === '' || more !== undefined) return undefined;
  return { name, ...(version !== undefined && { version }) };
}

/** As scapfeed writes it: words with a space between them. */
export function unstatedOf(text: string | undefined): readonly Unstated[] | undefined {
  const words = text?.split(' ');
  return words && unstatedFacts.filter((fact) => words.includes(fact));
}
