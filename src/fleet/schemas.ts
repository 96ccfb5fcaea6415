import { severities } from '../model/feed/index.ts';

/** JSON Schema of a value. */
export type Schema = Readonly<Record<string, unknown>>;

export const string: Schema = { type: 'string' };
export const boolean: Schema = { type: 'boolean' };
export const integer: Schema = { type: 'integer' };
export const time: Schema = { type: 'string', format: 'date-time' };

export const orNull = (schema: Schema): Schema =>
  'enum' in schema
    ? { enum: [...(schema['enum'] as readonly unknown[]), null] }
    : typeof schema['type'] === 'string'
      ? { ...schema, type: [schema['type'], 'null'] }
      : { anyOf: [schema, { type: 'null' }] };

export const list = (items: Schema): Schema => ({ type: 'array', items });

export const oneOf = (words: readonly string[]): Schema => ({ type: 'string', enum: words });

/** Every member is there, unless it is named in `optional`. */
export function object(
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

/** Schema of a request's parameters: no others are accepted. */
export const parameters = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []) =>
  ({ type: 'object', properties, required, additionalProperties: false }) as const;

export const severity = oneOf(severities);

export const reason = object({ code: string, message: string });

export const problem: Schema = {
  ...object(
    {
      ...{ type: string, title: string, status: integer, detail: string, code: string },
      ...{ where: string, remedy: string },
    },
    ['where', 'remedy'],
  ),
  description: 'What went wrong (RFC 9457), with its code and what to do',
};

/** Answers that every route can give. */
const refusals = {
  400: 'the request is not as described',
  401: 'a token is missing, or does not hold',
  403: 'the caller may not do that',
  429: 'too many requests',
};

/** The answers of a route: what it gives, and its refusals. */
export function answers(
  given: Readonly<Record<number, Schema>>,
  refused: Readonly<Record<number, string>> = {},
): Record<number, Schema> {
  const problems = Object.entries({ ...refusals, ...refused }).map(([status, description]) => [
    status,
    { description, content: { 'application/problem+json': { schema: problem } } },
  ]);
  return { ...Object.fromEntries(problems), ...given };
}

/** A part of a list, and how the rest is asked for. */
const page = (item: Schema): Schema => ({
  ...object({ items: list(item), next: orNull(string) }),
  description: '`next` is the `cursor` of the rest, or null',
});

const pageParameters = {
  limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  cursor: { type: 'string', maxLength: 4000, description: '`next` of the answer before' },
};

/** The route of a list that is read in parts. `filters`: its parameters besides those of a part. */
export const listSchema = (
  tag: string,
  summary: string,
  item: Schema,
  filters: Readonly<Record<string, Schema>> = {},
) => ({
  ...{ tags: [tag], summary, querystring: parameters({ ...filters, ...pageParameters }) },
  response: answers({ 200: page(item) }),
});

export const counts = {
  type: 'object',
  properties: {
    flaws: object(Object.fromEntries(severities.map((word) => [word, integer]))),
    ...{ exploited: integer, fixable: integer, uncovered: integer, judged: integer, waived: integer },
  },
  required: ['flaws', 'exploited', 'fixable', 'uncovered', 'judged', 'waived'],
  additionalProperties: false,
  description: 'Open flaws that nobody waived: one vulnerability in one source package is one',
};

/** Limits a list to what is about images of an owner. */
export const ownerParameter = {
  ...{ type: 'string', maxLength: 200 },
  description: 'of images of this owner, by the rules of the fleet’s policy',
};
