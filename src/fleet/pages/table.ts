import { csvLine } from '../../report/formats/csv.ts';
import { thousands } from '../../report/text-table.ts';
import { breakable, type Html, html, joined, nothing } from './html.ts';
import { addressWith, type PageRequest, pageParameter, pageSize, shownRows } from './request.ts';

export type CellValue = string | number | boolean | null;

export interface Column<Row> {
  /** Its name in CSV and JSON. */
  key: string;
  title: string;
  /** The title as a page shows it; absent: as text. */
  head?: Html;
  value(row: Row): CellValue;
  /** The value on a page; absent: the value as text. */
  html?(row: Row): Html | string;
  kind?: 'number' | 'word' | 'name';
  /** Of a table with `sorting`: its head sorts the rows by its value. */
  isSortable?: true;
  /** In CSV and JSON only: a page shows it in other columns. */
  isData?: true;
}

/** Rows of one kind with what is shown of them. A page, CSV and JSON are made from the same. */
export interface TableOf<Row> {
  /** Its name in the address, `?table=NAME`. */
  name: string;
  caption: string;
  columns: readonly Column<Row>[];
  /** All rows, of which a page shows some; with `total`, only those that are shown. */
  rows: readonly Row[];
  /** Number of all rows, if `rows` are only those of `shownRows`. */
  total?: number;
  /** The text in place of no rows. It must not imply that something is clean. */
  empty: string;
  /** Rows on a page. */
  size?: number;
  /** Of a table that can be sorted by its columns. */
  sorting?: Sorting;
}

/** The column that sorts a table now; another key: none does. */
export interface Sorting {
  key: string;
  descending: boolean;
}

/** Rows by the value of a column. What is not known comes last either way: it is neither much nor little. */
export function sortedBy<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { key, descending }: Sorting,
): Row[] {
  const { value } = columns.find((column) => column.key === key)!;
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [one, two] = [value(a), value(b)];
    if (one === two) return 0;
    if (one === null || two === null) return one === null ? 1 : -1;
    return one < two ? -sign : sign;
  });
}

/** Limit on the length of a word that is kept on one line. */
const longestWord = 40;

/** A table whose rows are no longer of anybody's concern. */
export interface Table {
  name: string;
  html(request: PageRequest): Html;
  csv(): string;
  json(): object;
}

export function table<Row>(spec: TableOf<Row>): Table {
  return {
    name: spec.name,
    html: (request) => tableHtml(spec, request),
    csv: () => tableCsv(spec),
    json: () => tableJson(spec),
  };
}

function tableHtml<Row>(spec: TableOf<Row>, request: PageRequest): Html {
  const { name, caption, rows, columns, empty, size = pageSize, total = rows.length } = spec;
  const shownColumns = columns.filter(({ isData }) => !isData);
  const { from, to } = shownRows(request, name, total, size);
  const shown = spec.total === undefined ? rows.slice(from, to) : rows;
  const count =
    total > size ? ` · ${thousands(from + 1)}–${thousands(from + shown.length)} of ${thousands(total)}` : '';
  if (rows.length === 0)
    return html`<section class="table" id="${name}"><h2>${caption}</h2><p class="empty">${empty}</p></section>`;
  return html`<section class="table" id="${name}"><h2>${caption}<small>${count}</small></h2>
<table><thead><tr>${shownColumns.map((column) => headCell(column, spec, request))}</tr></thead>
<tbody>${shown.map((row) => html`<tr>${shownColumns.map((column) => cell(column, row))}</tr>\n`)}</tbody></table>
<div class="under">${total > size ? pager(request, name, Math.floor(from / size) + 1, Math.ceil(total / size)) : nothing}<p class="forms"><a href="${addressWith(request, { table: name, format: 'csv' })}" aria-label="${caption} as CSV">CSV</a> <a href="${addressWith(request, { table: name, format: 'json' })}" aria-label="${caption} as JSON">JSON</a></p></div></section>`;
}

function headCell<Row>(
  { key, title, head = breakable(title), kind, isSortable }: Column<Row>,
  { sorting, name }: TableOf<Row>,
  request: PageRequest,
): Html {
  const numeric = kind === 'number' ? html` class="number"` : nothing;
  if (!sorting || !isSortable) return html`<th scope="col"${numeric}>${head}</th>`;
  const isNow = sorting.key === key;
  const descending = isNow ? !sorting.descending : kind === 'number';
  const order = isNow ? html` aria-sort="${sorting.descending ? 'descending' : 'ascending'}"` : nothing;
  const address = addressWith(request, { sort: key, order: descending ? 'down' : 'up' });
  return html`<th scope="col"${numeric}${order}><a href="${address}#${name}">${title}</a></th>`;
}

function cell<Row>({ title, kind, value, html: shown }: Column<Row>, row: Row): Html {
  const plain = value(row);
  const own = shown ? shown(row) : textOf(plain);
  // A value that is usually one word may be anything in a hostile feed, and would push the other columns off the page.
  const length = kind === 'word' && String(plain).length > longestWord ? ' long' : '';
  return html`<td data-column="${title}"${kind ? html` class="${kind}${length}"` : nothing}><div>${own}</div></td>`;
}

function textOf(value: CellValue): string {
  if (typeof value === 'number') return thousands(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === null || value === '' ? '–' : value;
}

function pager(request: PageRequest, name: string, page: number, pages: number): Html {
  const near = [...new Set([1, page - 1, page, page + 1, pages])].filter(
    (each) => each >= 1 && each <= pages,
  );
  const links = near.flatMap((each, at) => {
    const gap = at > 0 && each > near[at - 1]! + 1 ? [html`<span>…</span>`] : [];
    const address = `${addressWith(request, { [pageParameter(name)]: each === 1 ? undefined : String(each) })}#${name}`;
    return [
      ...gap,
      each === page
        ? html`<span aria-current="page">${each}</span>`
        : html`<a href="${address}" aria-label="Page ${each}">${thousands(each)}</a>`,
    ];
  });
  return html`<nav class="pager" aria-label="Pages of ${name}">${joined(links, ' ')}</nav>`;
}

function tableCsv<Row>({ columns, rows }: TableOf<Row>): string {
  const lines = rows.map((row) => csvLine(columns.map(({ value }) => String(value(row) ?? ''))));
  return csvLine(columns.map(({ key }) => key)) + lines.join('');
}

function tableJson<Row>({ name, columns, rows }: TableOf<Row>): object {
  return {
    format: 'scapfeed/fleet-table/1',
    table: name,
    columns: columns.map(({ key }) => key),
    rows: rows.map((row) => Object.fromEntries(columns.map(({ key, value }) => [key, value(row)]))),
  };
}
