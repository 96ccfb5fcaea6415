import { refusal } from '../refusal.ts';
import { storable } from '../store/json.ts';

/** In which form a page's table is wanted. */
export type PageFormat = 'html' | 'csv' | 'json';

/** A request as pages read it. */
export interface PageRequest {
  /** The path as it was sent, for links that change one parameter. */
  path: string;
  query: URLSearchParams;
  format: PageFormat;
  /** The caller can sign out. */
  isSignedIn: boolean;
  /** The caller may waive a flaw. */
  mayWaive: boolean;
}

/** Rows of a table on one page. CSV and JSON have all of them. */
export const pageSize = 50;

/** Limit on the length of a parameter that names or finds something, as in the API. */
const maxText = 500;

/** A parameter without spaces around it; empty if it is not sent. @throws REQUEST_INVALID if it is sent twice, or too long */
export function textParameter({ query }: Pick<PageRequest, 'query'>, name: string): string {
  const [given = '', ...others] = query.getAll(name);
  if (others.length > 0)
    throw refusal('REQUEST_INVALID', `${name} stands twice in the address`, 'send it once');
  const text = storable(given.trim());
  if (text.length <= maxText) return text;
  throw refusal('REQUEST_INVALID', `${name} is longer than ${maxText} characters`, 'send less of it');
}

/**
 * The one of `values` that is asked for. @throws REQUEST_INVALID for any other: an empty list, or a whole one, would be taken for
 * the answer
 */
export function choiceParameter<T extends string>(
  request: Pick<PageRequest, 'query'>,
  name: string,
  values: readonly T[],
): T {
  const text = textParameter(request, name);
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  const words = values.filter((value) => value !== '').join(', ');
  throw refusal('REQUEST_INVALID', `expected one of the values ${words} for ${name}, found ‘${text}’`);
}

/** The requested page of a table, from 1 on: `?images-page=2`. */
export function pageNumber(request: PageRequest, table: string): number {
  const given = Number(textParameter(request, pageParameter(table)));
  return Number.isSafeInteger(given) && given > 0 ? Math.min(given, 1_000_000) : 1;
}

/** The shown rows of a table: those of one page, or in CSV and JSON all. */
export interface ShownRows {
  from: number;
  to: number;
}

export function shownRows(request: PageRequest, table: string, total: number, size = pageSize): ShownRows {
  if (request.format !== 'html') return { from: 0, to: total };
  const page = Math.min(pageNumber(request, table), Math.max(1, Math.ceil(total / size)));
  return { from: (page - 1) * size, to: Math.min(page * size, total) };
}

export function pageParameter(table: string): string {
  return `${table}-page`;
}

/** The same address with other parameters; the number of the page is left out unless it is given. */
export function addressWith(
  { path, query }: PageRequest,
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const changed = new URLSearchParams(query);
  for (const name of [...changed.keys()])
    if (name === 'format' || name === 'table' || name.endsWith('-page')) changed.delete(name);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') changed.delete(name);
    else changed.set(name, value);
  }
  const text = changed.toString();
  return text === '' ? path : `${path}?${text}`;
}
