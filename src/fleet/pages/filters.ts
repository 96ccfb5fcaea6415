import { type Severity, severities } from '../../model/feed/index.ts';
import { boolean, oneOf, type Schema } from '../schemas.ts';
import type { FleetView } from '../view/fleet-view.ts';
import type { Html } from './html.ts';
import { anyChoice, type Choice, searchField, select, worstFirst } from './parts.ts';
import { choiceParameter, type PageRequest, textParameter } from './request.ts';

/** A filter of a list: a field on its page, a parameter of the API, or both by one name. */
export interface ListFilter<Row> {
  name: string;
  /** JSON Schema of the API's parameter. Absent: pages only. */
  schema?: Schema;
  /** Label of the page's field. Absent: the API only. */
  label?: string;
  /** The values that the field takes, besides none. Absent: any text. */
  choices?: readonly Choice[];
  /** Values that a field for any text offers. Absent: it is a search field. */
  offered?(view: FleetView): Promise<readonly string[]>;
  /** Whether the page needs the field; it is there all the same if the address has a value for it. */
  isOffered?(view: FleetView): Promise<boolean>;
  test(value: string): (row: Row) => boolean;
}

/** The filters of a page as its address sets them. */
export interface PageFilters<Row> {
  /** Empty values of those that are not set. */
  values: Readonly<Record<string, string>>;
  /** Absent: none is set. */
  test?: (row: Row) => boolean;
  fields(view: FleetView): Promise<Html[]>;
}

/** @throws REQUEST_INVALID for a value that a field does not take */
export function pageFilters<Row>(
  filters: readonly ListFilter<Row>[],
  request: PageRequest,
): PageFilters<Row> {
  const own = filters.filter(({ label }) => label !== undefined);
  const values = Object.fromEntries(own.map((filter) => [filter.name, chosen(filter, request)]));
  const tests = own.flatMap(({ name, test }) => (values[name] === '' ? [] : [test(values[name]!)]));
  return {
    values,
    ...(tests.length > 0 && { test: (row: Row) => tests.every((test) => test(row)) }),
    async fields(view) {
      const shown = own.map(async (filter) => {
        const value = values[filter.name]!;
        const isShown = value !== '' || (await (filter.isOffered?.(view) ?? true));
        return isShown ? [await fieldOf(filter, value, view)] : [];
      });
      return (await Promise.all(shown)).flat();
    },
  };
}

function chosen<Row>({ name, choices }: ListFilter<Row>, request: PageRequest): string {
  if (!choices) return textParameter(request, name);
  return choiceParameter(request, name, ['', ...choices.map(({ value }) => value)]);
}

async function fieldOf<Row>(
  { name, label = '', choices, offered }: ListFilter<Row>,
  value: string,
  view: FleetView,
): Promise<Html> {
  if (choices) return select(name, label, [anyChoice, ...choices], value);
  if (!offered) return searchField(label, value);
  const words = await offered(view);
  return select(name, label, [anyChoice, ...words.map((word) => ({ value: word, text: word }))], value);
}

/** The filters of a list as parameters of the API. */
export function filterParameters<Row>(filters: readonly ListFilter<Row>[]): Record<string, Schema> {
  return Object.fromEntries(filters.flatMap(({ name, schema }) => (schema ? [[name, schema]] : [])));
}

/** Whether a row has what the parameters of a request ask for. */
export function queryTest<Row>(
  filters: readonly ListFilter<Row>[],
  query: Readonly<Record<string, unknown>>,
): (row: Row) => boolean {
  const tests = filters.flatMap(({ name, schema, test }) =>
    schema && query[name] !== undefined ? [test(String(query[name]))] : [],
  );
  return (row) => tests.every((test) => test(row));
}

/** `rank`: the place of a row's severity in `severities`; -1: it has none. */
export function severityFilter<Row>(description: string, rank: (row: Row) => number): ListFilter<Row> {
  return {
    ...{ name: 'severity', label: 'Severity', schema: { ...oneOf(severities), description } },
    choices: worstFirst.slice(0, 4).map((severity, at) => ({
      value: severity,
      text: at === 0 ? severity : `${severity} or worse`,
    })),
    test(value) {
      const least = severities.indexOf(value as Severity);
      return (row) => rank(row) >= least;
    },
  };
}

/** A field for `yes`, and a parameter for both. `of`: null: it is not known, and neither is wanted. */
export function flagFilter<Row>(
  { name, label, text, description }: { name: string; label: string; text: string; description?: string },
  of: (row: Row) => boolean | null,
): ListFilter<Row> {
  return {
    ...{ name, label, choices: [{ value: 'yes', text }] },
    schema: { ...boolean, ...(description !== undefined && { description }) },
    test: (value) => (row) => of(row) === (value !== 'false'),
  };
}

export function exploitedFilter<Row>(
  of: (row: Row) => boolean | null,
  description?: string,
): ListFilter<Row> {
  const words = { name: 'exploited', label: 'Exploited', text: 'known exploited' };
  return flagFilter({ ...words, ...(description !== undefined && { description }) }, of);
}

export function fixFilter<Row>(hasFix: (row: Row) => boolean): ListFilter<Row> {
  return {
    ...{ name: 'fix', label: 'Fix' },
    choices: [
      { value: 'available', text: 'to install' },
      { value: 'none', text: 'none yet' },
    ],
    test: (value) => (row) => hasFix(row) === (value === 'available'),
  };
}

/** A search field for a word in one of the texts of a row. */
export function wordFilter<Row>(label: string, texts: (row: Row) => readonly string[]): ListFilter<Row> {
  return {
    ...{ name: 'q', label },
    test(value) {
      const word = value.toLowerCase();
      return (row) => texts(row).some((text) => text.toLowerCase().includes(word));
    },
  };
}

/** The API's search for a part of a name. */
export function nameParameter<Row>(nameOf: (row: Row) => string): ListFilter<Row> {
  return {
    name: 'q',
    schema: { type: 'string', maxLength: 500, description: 'what the name contains' },
    test: wordFilter<Row>('', (row) => [nameOf(row)]).test,
  };
}
