import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ListedImage } from '../../../model/fleet/index.ts';
import { deviationKinds, flawOrigins, rebuildEffects } from '../../../model/verdict/index.ts';
import { filterParameters, queryTest } from '../../pages/filters.ts';
import { changeMembers } from '../../pages/tables/events.ts';
import { namedMembers, nameMembers } from '../../pages/tables/history.ts';
import { imageFilters, imageMembers, imageSorts } from '../../pages/tables/images.ts';
import { refusal } from '../../refusal.ts';
import {
  answers,
  boolean,
  counts,
  integer,
  list,
  listSchema,
  object,
  oneOf,
  orNull,
  parameters,
  reason,
  type Schema,
  severity,
  string,
  time,
} from '../../schemas.ts';
import { inventoryDocument } from '../../store/images.ts';
import { storable } from '../../store/json.ts';
import { imageVerification, listedOfKind } from '../../store/verifications.ts';
import { basesOf } from '../../view/bases.ts';
import type { FleetView, ViewedName } from '../../view/fleet-view.ts';
import { compareTexts } from '../../view/texts.ts';
import type { RouteContext } from '../context.ts';
import { seenBy } from '../seen-by.ts';
import { type ListPage, pageOf, readCursor } from './cursor.ts';
import { imageHistory, imageNames, imageRow, imageUncovered, imageVerdicts } from './image-data.ts';

const verdict = object({
  package: object({
    ...{ type: string, name: string, version: string, arch: string, source: string, sourceVersion: string },
  }),
  ...{ vulnerability: string, platform: string, status: string, fixState: orNull(string) },
  ...{ fixedVersion: orNull(string), reason: orNull(string), severity, severitySource: orNull(string) },
  ...{ exploited: boolean, hidden: orNull(string), rejected: boolean, suppressed: orNull(string) },
  ...{ channel: orNull(string), advisories: list(string), marks: list(string) },
  waived: {
    ...list(object({ waiver: integer, reason: string, until: orNull(string) })),
    description: 'who accepted the flaw in this image; empty: it counts',
  },
  since: object({ run: integer, date: time }),
  fixSince: {
    ...orNull(time),
    description: 'the start of the run since which the fix of an open flaw can be installed',
  },
  firstSeen: {
    ...orNull(time),
    description: 'the start of the first kept run in which the package had the open flaw',
  },
  due: { ...orNull(string), description: 'the last day (UTC) by which it must be mended, by the SLA' },
  overdue: { ...boolean, description: 'that day is over' },
  base: {
    ...orNull(object({ origin: oneOf(flawOrigins), rebuild: oneOf(rebuildEffects) }, ['rebuild'])),
    description:
      'whether the package is of the base image, and what a rebuild on its newer build does; null: not compared',
  },
});

const uncovered = object({
  ...{ name: string, version: string, arch: string, reason: string, detail: orNull(string) },
});

const image = object({
  ...{ digest: string, kind: string, architecture: orNull(string), system: string, platform: orNull(string) },
  uncovered: orNull(reason),
  ...{
    installed: integer,
    counts: orNull(counts),
    labels: { type: 'object' },
    signed: { type: ['object', 'null'] },
  },
  gaps: { type: 'object' },
  unjudged: { type: 'array' },
  ...{ read: time, tool: string },
  names: list(object(nameMembers)),
  bases: {
    ...orNull(
      object({
        base: orNull(object({ reference: string, digest: string, layers: integer }, ['layers'])),
        newer: orNull(object({ reference: string, digest: string, unknown: string }, ['unknown'])),
        reason: orNull(string),
      }),
    ),
    description:
      'its base image, the newer build of that, and why one of them is not known; null: the last run did not compare',
  },
});

const note = object({ code: string, where: string, detail: string }, ['detail']);

const deviation = object(
  {
    ...{ kind: oneOf(deviationKinds), path: string, packages: list(string), detail: string },
    ...{ executable: string, sha256: string, mode: string, origin: string, layer: integer },
  },
  ['executable', 'sha256', 'mode', 'origin', 'layer'],
);

const verification = {
  ...object({
    ...{ tool: string, verified: time, error: orNull(reason) },
    found: object({
      kinds: object(Object.fromEntries(deviationKinds.map((kind) => [kind, integer])), deviationKinds),
      ...{ files: integer, owned: integer, compared: integer, uncompared: integer, unlisted: integer },
      notes: list(note),
    }),
    deviations: list(deviation),
  }),
  description: `Files that deviate from their packages: all are counted in \`found.kinds\`, the first ${listedOfKind} of each kind are listed. With an error, nothing is known of them.`,
};

const digestParameter = parameters({ digest: { type: 'string', maxLength: 200 } }, ['digest']);

/** A number in a route: 404 where there is none. */
async function known<T>(found: Promise<T | undefined>): Promise<T> {
  const value = await found;
  if (value === undefined)
    throw refusal('NOT_FOUND', 'the fleet has no image of this digest', 'see /api/v1/images');
  return value;
}

const missing = { 404: 'the fleet has no image of this digest' };

async function imageBases(view: FleetView, image: number): Promise<object | null> {
  const found = await basesOf(view, image);
  if (!found) return null;
  return { base: found.bases?.base ?? null, newer: found.bases?.newer ?? null, reason: found.reason };
}

export async function imageRoutes(app: FastifyInstance, { database, views }: RouteContext): Promise<void> {
  const tags = ['images'];
  const read = { config: { role: 'read', takesTeam: true } } as const;
  const viewOf = async ({ caller }: FastifyRequest) => seenBy(await views.exact(), caller);
  /** The image that a request names, if its caller sees it: otherwise as if there were none. */
  const imageOf = async (request: FastifyRequest) => {
    const view = await viewOf(request);
    const { id, ...row } = await known(imageRow(database, (request.params as { digest: string }).digest));
    if (view.seen !== 'all' && !(await view.namesOfImages()).has(id)) await known(Promise.resolve(undefined));
    return { id, row, view };
  };

  app.get<{ Querystring: ImageSearch }>(
    '/images',
    {
      ...read,
      schema: listSchema(
        'images',
        'What the fleet has: every name with what is known of its image',
        object(imageMembers),
        {
          ...filterParameters(imageFilters),
          sort: { ...oneOf(Object.keys(imageSorts)), default: 'reference' },
        },
      ),
    },
    async (request) => searchImages(await viewOf(request), request.query),
  );

  /** A route about one image. `path`: after the image's own. */
  function imageRoute<Query = unknown>(
    path: string,
    summary: string,
    answer: Schema,
    make: (image: Awaited<ReturnType<typeof imageOf>>, query: Query) => Promise<object>,
    query?: Readonly<Record<string, Schema>>,
  ): void {
    app.get<{ Querystring: Query }>(
      `/images/:digest${path}`,
      {
        ...read,
        schema: {
          ...{ tags, summary, params: digestParameter },
          ...(query && { querystring: parameters(query) }),
          response: answers({ 200: answer }, missing),
        },
      },
      async (request) => make(await imageOf(request), request.query as Query),
    );
  }

  imageRoute('', 'An image, with its names over time', image, async ({ id, row, view }) => ({
    ...row,
    names: await imageNames(view, id),
    bases: await imageBases(view, id),
  }));

  imageRoute<{ all: boolean }>(
    '/verdicts',
    'What is decided about its packages',
    object({ verdicts: list(verdict), uncovered: list(uncovered) }),
    async ({ id, view }, { all }) => ({
      verdicts: await imageVerdicts(view, id, all),
      uncovered: await imageUncovered(database, id),
    }),
    {
      all: {
        ...{ type: 'boolean', default: false },
        description: 'also what the default view of a scan leaves out: not affected, hidden, suppressed',
      },
    },
  );

  imageRoute(
    '/verification',
    'Its files compared with its packages when it was read; null: nobody did that',
    object({ verification: orNull(verification) }),
    async ({ id }) => ({ verification: (await imageVerification(database, id)) ?? null }),
  );

  imageRoute(
    '/history',
    'What changed when, and why',
    object({ changes: list(object(changeMembers)) }),
    async ({ id, view }) => ({ changes: await imageHistory(view, id) }),
  );

  imageRoute(
    '/inventory',
    'Its inventory, as `scapfeed inventory -o json` writes it',
    { type: 'object' },
    async ({ id, row, view }) => {
      const [name] = await imageNames(view, id);
      return known(inventoryDocument(database, id, name?.reference ?? row.digest));
    },
  );

  app.get<{ Querystring: { reference: string } }>(
    '/names',
    {
      ...read,
      schema: {
        ...{ tags, summary: 'Which images a name stood for, the newest first' },
        querystring: parameters({ reference: { type: 'string', maxLength: 2000 } }, ['reference']),
        response: answers(
          {
            200: object({
              ...{ reference: string, kind: string, added: time, removed: orNull(time) },
              images: list(object(namedMembers)),
              unread: orNull(reason),
            }),
          },
          { 404: 'nobody asked for this name' },
        ),
      },
    },
    async (request) => {
      const { query } = request;
      const view = await viewOf(request);
      const [row] = await database.query<{ id: number }>(
        `SELECT names.id, reference, kind, names.added, names.removed,
           CASE WHEN unread.id IS NOT NULL THEN jsonb_build_object('code', unread.code, 'message', unread.message) END AS unread
         FROM fleet.names JOIN fleet.watches ON watches.id = watch
         LEFT JOIN fleet.unread ON unread.name = names.id AND to_run IS NULL WHERE reference = $1`,
        [storable(query.reference)],
      );
      const isSeen = view.seen === 'all' || (await view.names()).some(({ name }) => name === row?.id);
      if (!row || !isSeen) throw refusal('NOT_FOUND', 'the fleet has no such name', 'see /api/v1/images');
      const { id, ...name } = row;
      const images = await database.query(
        `SELECT digest, since, until FROM fleet.name_images JOIN fleet.images ON images.id = image
         WHERE name = $1 ORDER BY name_images.id DESC`,
        [id],
      );
      return { ...name, images };
    },
  );
}

/** With parameters of `imageFilters`. */
interface ImageSearch extends Readonly<Record<string, unknown>> {
  sort: keyof typeof imageSorts;
  limit: number;
  cursor?: string;
}

/** The names that are looked up and as asked, a page of them. */
async function searchImages(view: FleetView, search: ImageSearch): Promise<ListPage<ListedImage>> {
  const { sort, limit } = search;
  const key = imageSorts[sort];
  const sorted = await view.kept(`names by ${sort}, for programs`, async () =>
    (await view.names()).toSorted((a, b) => key(b) - key(a) || compareTexts(a.reference, b.reference)),
  );
  const [value, name] = (readCursor(search.cursor, ['number', 'string']) ?? []) as [number?, string?];
  const isAfter = (row: ViewedName) =>
    value === undefined || key(row) < value || (key(row) === value && row.reference > name!);
  const isWanted = queryTest(imageFilters, search);
  const rows: ViewedName[] = [];
  for (const row of sorted) {
    if (isAfter(row) && isWanted(row)) rows.push(row);
    if (rows.length > limit) break;
  }
  const { items, next } = pageOf(rows, limit, (row) => [key(row), row.reference]);
  return { items: items.map(listed), next };
}

const members = Object.keys(imageMembers) as (keyof ListedImage)[];

function listed(name: ViewedName): ListedImage {
  return Object.fromEntries(members.map((member) => [member, name[member]])) as unknown as ListedImage;
}
