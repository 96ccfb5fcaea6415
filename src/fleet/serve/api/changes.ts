import type { FastifyInstance } from 'fastify';
import { pathMatcher } from '../../../model/path-glob.ts';
import { refusal } from '../../refusal.ts';
import { answers, boolean, integer, list, object, oneOf, parameters, string, time } from '../../schemas.ts';
import { importPrepared } from '../../store/imports.ts';
import { prune } from '../../store/prune.ts';
import { addNames, addWatch, endWatching, watches } from '../../store/watches.ts';
import type { Caller, ServeContext } from '../context.ts';
import { addInventoryBodies, largestInventory } from './inventory-body.ts';
import type { SentInventory } from './inventory-thread.ts';

const day = 86_400_000;

const place = { type: 'string', minLength: 1, maxLength: 2000 };

const watch = object({
  kind: oneOf(['image', 'registry', 'import']),
  place: string,
  tags: string,
  added: time,
});

interface NewWatch {
  kind: 'image' | 'registry';
  place: string;
  tags?: string;
}

/** A host's token must not replace what another host has sent. @throws NOT_ALLOWED */
function requireOwnName(name: string, caller: Caller | undefined): void {
  if (caller?.names === undefined || pathMatcher([caller.names])(name)) return;
  throw refusal(
    'NOT_ALLOWED',
    `${caller.name} sends inventories named ${caller.names}, and this one is ${name.slice(0, 80)}`,
    'name it in the address: ?name=NAME',
  );
}

/** Routes for watching, sending in and forgetting images. */
export async function changeRoutes(app: FastifyInstance, context: ServeContext): Promise<void> {
  const { database, now, tool } = context;
  const write = { config: { role: 'write' } } as const;

  app.get(
    '/watches',
    {
      config: { role: 'read' },
      schema: {
        ...{ tags: ['watches'], summary: 'What somebody asked to keep an eye on' },
        response: answers({ 200: object({ items: list(watch) }) }),
      },
    },
    async () => ({ items: (await watches(database)).map(({ id: _, ...each }) => each) }),
  );

  app.post<{ Body: NewWatch }>(
    '/watches',
    {
      ...write,
      schema: {
        ...{ tags: ['watches'], summary: 'Keep an eye on an image, or on the tags of a registry' },
        body: parameters(
          {
            kind: oneOf(['image', 'registry']),
            place: {
              ...place,
              description: 'a reference as `scapfeed scan` takes it, or HOST[/PREFIX] of a registry',
            },
            tags: {
              type: 'string',
              minLength: 1,
              maxLength: 500,
              description: 'of a registry: a glob (default: *)',
            },
          },
          ['kind', 'place'],
        ),
        response: answers({ 201: object({ added: boolean }) }),
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { kind, tags } = body;
      if (kind === 'image' && tags !== undefined)
        throw refusal('REQUEST_INVALID', 'tags are of a registry, and this is an image', 'leave tags out');
      const reference = await context.requirePlace(kind, body.place);
      request.subject = `${kind} ${reference}`;
      const added = await database.transaction(async (queries) => {
        const at = now();
        const { id, isNew } = await addWatch(
          queries,
          { kind, place: reference, ...(kind === 'registry' && { tags: tags ?? '*' }) },
          at,
        );
        const names = kind === 'image' ? await addNames(queries, id, [reference], at) : 0;
        return isNew || names > 0;
      });
      return reply.status(201).send({ added });
    },
  );

  app.delete<{ Querystring: { place: string } }>(
    '/watches',
    {
      // Hosts hold tokens that send: one of them must not end what is known of the others.
      config: { role: 'admin' },
      schema: {
        ...{ tags: ['watches'], summary: 'Stop keeping an eye on an image, a registry or a host' },
        querystring: parameters({ place }, ['place']),
        response: answers({ 204: { type: 'null' } }, { 404: 'nobody asked for it' }),
      },
    },
    async (request, reply) => {
      const { query } = request;
      request.subject = query.place;
      const removed = await database.transaction((queries) => endWatching(queries, query.place, now()));
      if (!removed) throw refusal('NOT_FOUND', 'nobody asked for this', 'see /api/v1/watches');
      return reply.status(204).send();
    },
  );

  app.post<{ Body: { olderThanDays: number; keepRuns: number } }>(
    '/prune',
    {
      config: { role: 'admin' },
      schema: {
        ...{ tags: ['runs'], summary: 'Forget what has ended' },
        body: parameters(
          {
            olderThanDays: { type: 'integer', minimum: 1, maximum: 36_500, default: 90 },
            keepRuns: { type: 'integer', minimum: 1, maximum: 10_000, default: 2 },
          },
          [],
        ),
        response: answers({
          200: object({ images: integer, packages: integer, verdicts: integer, runs: integer }),
        }),
      },
    },
    async ({ body }) =>
      prune(database, {
        before: new Date(now().getTime() - body.olderThanDays * day),
        runs: body.keepRuns,
      }),
  );

  await app.register(async (scope) => {
    addInventoryBodies(scope);
    scope.post<{ Body: SentInventory | undefined; Querystring: { name?: string } }>(
      '/inventories',
      {
        config: { role: 'write', takesSent: true },
        bodyLimit: largestInventory,
        schema: {
          tags: ['inventories'],
          summary:
            'Take in what `scapfeed inventory -o json` wrote, plain or compressed (content-encoding: gzip)',
          querystring: parameters({
            name: { ...place, description: 'what it is called (default: the reference that it names)' },
          }),
          response: answers(
            { 201: object({ name: string, isNew: boolean }) },
            {
              403: 'the token has the role send, and other names',
              413: `more than ${largestInventory >> 20} MB`,
              415: 'the body is no JSON',
            },
          ),
        },
      },
      async (request, reply) => {
        const { body, query, caller } = request;
        if (!body)
          throw refusal(
            'REQUEST_INVALID',
            'there is no body',
            'send what `scapfeed inventory -o json` wrote',
          );
        const name = query.name ?? body.reference;
        request.subject = name;
        requireOwnName(name, caller);
        const { isNew } = await database.transaction((queries) =>
          importPrepared(queries, body.prepared, name, now(), tool),
        );
        return reply.status(201).send({ name, isNew });
      },
    );
  });
}
