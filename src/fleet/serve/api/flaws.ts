import type { FastifyInstance } from 'fastify';
import { type Severity, severities } from '../../../model/index.ts';
import { watchedImages } from '../../news/watched.ts';
import type { Queries } from '../../store/database.ts';
import { storable } from '../../store/json.ts';
import type { ServeContext } from '../context.ts';
import { refusal } from '../problem.ts';
import { Conditions, containing } from './conditions.ts';
import { type Page, pageOf, readCursor } from './cursor.ts';
import {
  answers,
  boolean,
  integer,
  list,
  object,
  oneOf,
  orNull,
  page,
  pageParameters,
  parameters,
  type Schema,
  severity,
  string,
} from './schemas.ts';

/** An open flaw by the default view of a scan, in an image that a name stands for. */
const isOpen = `to_run IS NULL AND status = 'affected' AND hidden IS NULL`;
const installed = `(SELECT DISTINCT unnest(packages) FROM fleet.images WHERE id IN (${watchedImages}))`;
const rank = `array_position(ARRAY[${severities.map((word) => `'${word}'`).join(', ')}], severity)`;
const worst = `(ARRAY[${severities.map((word) => `'${word}'`).join(', ')}])[max(${rank})]`;

type By = 'vulnerability' | 'source';

interface Search {
  q?: string;
  severity?: Severity;
  exploited?: boolean;
  limit: number;
  cursor?: string;
}

const searchParameters = {
  q: { type: 'string', maxLength: 500, description: 'what the name contains' },
  severity: { ...oneOf(severities), description: 'this severity or worse' },
  exploited: boolean,
  ...pageParameters,
} satisfies Readonly<Record<string, Schema>>;

/** Vulnerabilities, and source packages, that watched images have open flaws of. */
async function search(
  queries: Queries,
  by: By,
  { q, severity: least, exploited, limit, cursor }: Search,
): Promise<Page<object>> {
  const after = readCursor(cursor, ['string']);
  const where = new Conditions();
  where.require(isOpen);
  where.require(`verdicts.package IN ${installed}`);
  if (q !== undefined) where.add(`${by} ILIKE ?`, containing(storable(q)));
  if (least !== undefined) where.add(`${rank} >= ?::integer`, severities.indexOf(least) + 1);
  if (exploited !== undefined) where.add('exploited = ?', exploited);
  if (after) where.add(`${by} COLLATE "C" > ?`, storable(String(after[0])));
  const other = by === 'source' ? 'vulnerability' : 'source';
  const rows = await queries.query<{ id: string }>(
    `SELECT ${by} AS id, ${worst} AS severity, bool_or(exploited) AS exploited,
       array_agg(DISTINCT ${other} COLLATE "C") AS "${other === 'source' ? 'packages' : 'vulnerabilities'}",
       count(*) FILTER (WHERE fix_state = 'available')::integer AS fixable, count(*)::integer AS installed
     FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package WHERE ${where}
     GROUP BY ${by} ORDER BY ${by} COLLATE "C" LIMIT ${where.value(limit + 1)}`,
    where.values,
  );
  return pageOf(rows, limit, { item: (row) => row, values: ({ id }) => [id] });
}

/** Where it is: every installed build with what is decided about it, and the images that have it. */
async function whereIs(queries: Queries, by: By, id: string, all: boolean): Promise<object[]> {
  return queries.query(
    `SELECT vulnerability, packages.source AS package, name, version, arch, verdicts.platform, status, fix_state AS "fixState",
       fixed_version AS "fixedVersion", severity, exploited, hidden, channel, advisories,
       ARRAY(SELECT reference FROM fleet.images JOIN fleet.name_images ON image = images.id AND until IS NULL
         JOIN fleet.names ON names.id = name_images.name AND names.removed IS NULL
         WHERE packages @> ARRAY[verdicts.package] ORDER BY reference COLLATE "C") AS images
     FROM fleet.verdicts JOIN fleet.packages ON packages.id = verdicts.package
     WHERE ${by} = $1 AND to_run IS NULL AND ($2 OR (${isOpen})) AND verdicts.package IN ${installed}
     ORDER BY packages.source COLLATE "C", vulnerability COLLATE "C", verdicts.platform COLLATE "C", name COLLATE "C",
       version COLLATE "C", arch COLLATE "C", verdicts.id`,
    [storable(id), all],
  );
}

const found = object({
  ...{
    vulnerability: string,
    package: string,
    name: string,
    version: string,
    arch: string,
    platform: string,
  },
  ...{ status: string, fixState: orNull(string), fixedVersion: orNull(string), severity, exploited: boolean },
  ...{ hidden: orNull(string), channel: orNull(string), advisories: list(string), images: list(string) },
});

const parts = {
  severity: { ...severity, description: 'the worst' },
  exploited: boolean,
  fixable: { ...integer, description: 'installed builds with a fix' },
  installed: { ...integer, description: 'installed builds that have it' },
};

const all = parameters({
  all: {
    ...{ type: 'boolean', default: false },
    description: 'also where the vendor says that it is not affected, fixed or hidden',
  },
});

interface Whereabouts {
  Params: { id: string };
  Querystring: { all: boolean };
}

export async function flawRoutes(app: FastifyInstance, { database }: ServeContext): Promise<void> {
  const read = { config: { role: 'read' } } as const;
  const params = parameters({ id: { type: 'string', maxLength: 500 } }, ['id']);
  const kinds: readonly {
    path: string;
    by: By;
    tags: string[];
    item: Schema;
    summary: string;
    one: string;
  }[] = [
    {
      path: '/vulnerabilities',
      by: 'vulnerability',
      tags: ['vulnerabilities'],
      item: object({ id: string, ...parts, packages: list(string) }),
      summary: 'Vulnerabilities with open flaws in watched images',
      one: 'Who has it, and where it is fixed',
    },
    {
      path: '/packages',
      by: 'source',
      tags: ['packages'],
      item: object({ id: string, ...parts, vulnerabilities: list(string) }),
      summary: 'Source packages with open flaws in watched images',
      one: 'Its flaws, and the images that have them',
    },
  ];
  for (const { path, by, tags, item, summary, one } of kinds) {
    app.get<{ Querystring: Search }>(
      path,
      {
        ...read,
        schema: {
          ...{ tags, summary, querystring: parameters(searchParameters) },
          response: answers({ 200: page(item) }),
        },
      },
      async ({ query }) => search(database, by, query),
    );
    app.get<Whereabouts>(
      `${path}/:id`,
      {
        ...read,
        schema: {
          ...{ tags, summary: one, params, querystring: all },
          response: answers(
            { 200: object({ id: string, found: list(found) }) },
            { 404: 'no watched image has it' },
          ),
        },
      },
      async ({ params: { id }, query }) => {
        const rows = await whereIs(database, by, id, query.all);
        if (rows.length > 0) return { id, found: rows };
        throw refusal(
          'NOT_FOUND',
          `no watched image that was judged has ${id}`,
          'ask with all=true for those that are not affected',
        );
      },
    );
  }
}
