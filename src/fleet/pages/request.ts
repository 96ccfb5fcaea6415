import { storable } from '../store/json.ts';

/** In which form a page's table is wanted. */
export type PageFormat = 'html' | 'csv' | 'json';

/** A request as pages read it. */
export interface PageRequest {
  /** The path as it was sent, for links that change one parameter. */
  path: string;
  query: URLSearchParams;
  format: PageFormat;
  /** Who asks can sign out. */
  isSignedIn: boolean;
  /** Who asks may accept a flaw. */
  mayWaive: boolean;
}

/** Rows of a table on one page. CSV and JSON have all of them. */
export const pageSize = 50;

/** Limit on the length of a parameter that names or finds something. */
const maxText = 300;

export function textParameter({ query }: PageRequest, name: string): string {
  return storable((query.get(name) ?? '').trim().slice(0, maxText));
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
