import type { FastifyInstance } from 'fastify';
import type { NewsSince } from '../../news/read-news.ts';
import { readNews } from '../../news/read-news.ts';
import { news } from '../../pages/tables/events.ts';
import { runMembers } from '../../pages/tables/runs.ts';
import { refusal } from '../../refusal.ts';
import {
  answers,
  boolean,
  integer,
  list,
  listSchema,
  object,
  orNull,
  ownerParameter,
  parameters,
  string,
  time,
} from '../../schemas.ts';
import { runState } from '../../store/runs.ts';
import { fleetStatus } from '../../store/status.ts';
import type { ServeContext } from '../context.ts';
import { ownersSeen } from '../seen-by.ts';
import { pageOf, readCursor } from './cursor.ts';

const run = object(runMembers);

const status = object({
  ...{ database: string, names: integer, images: integer, packages: integer, unread: integer },
  waived: integer,
  waivers: object({ used: integer, unused: integer, expired: integer }),
  run: orNull({ type: 'object' }),
  unsent: list(
    object({
      run: integer,
      kind: string,
      place: string,
      attempts: integer,
      error: orNull(string),
      isOver: boolean,
    }),
  ),
  queue: { type: 'object' },
});

const feed = object({
  ...{ digest: string, created: time, signed: boolean },
  sources: list({ type: 'object' }),
  platforms: list({ type: 'object' }),
});

const day = '^\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d)?Z)?$';

interface RunRow {
  run: number;
  summary: object | null;
}

const runColumns = `runs.id AS run, ${runState} AS state, started, finished, tool, feeds.digest AS feed, summary
  FROM fleet.runs LEFT JOIN fleet.feeds ON feeds.id = runs.feed`;

/** Routes for runs, their messages, and the state of the fleet. */
export async function runRoutes(app: FastifyInstance, context: ServeContext): Promise<void> {
  const { database, runs, now } = context;
  const tags = ['runs'];
  const read = { config: { role: 'read' } } as const;

  app.get<{ Querystring: { limit: number; cursor?: string } }>(
    '/runs',
    {
      ...read,
      schema: listSchema('runs', 'Runs, the newest first', run),
    },
    async ({ query: { limit, cursor } }) => {
      const [before = 2 ** 31 - 1] = readCursor(cursor, ['number']) ?? [];
      const rows = await database.query<RunRow>(
        `SELECT ${runColumns} WHERE runs.id < $1::bigint ORDER BY runs.id DESC LIMIT $2`,
        [before, limit + 1],
      );
      return pageOf(rows, limit, (row) => [row.run]);
    },
  );

  app.get<{ Params: { run: number } }>(
    '/runs/:run',
    {
      ...read,
      schema: {
        ...{ tags, summary: 'A run' },
        params: parameters({ run: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 } }, ['run']),
        response: answers({ 200: run }, { 404: 'there is no such run' }),
      },
    },
    async ({ params }) => {
      const [row] = await database.query<RunRow>(`SELECT ${runColumns} WHERE runs.id = $1`, [params.run]);
      if (!row) throw refusal('NOT_FOUND', 'there is no such run', 'see /api/v1/runs');
      return row;
    },
  );

  app.post(
    '/runs',
    {
      config: { role: 'write' },
      schema: {
        ...{ tags, summary: 'Begin a run now' },
        response: answers(
          { 202: object({ run: integer }) },
          { 409: 'another run is at work', 503: 'this server has no feed to judge by' },
        ),
      },
    },
    async (request, reply) => {
      const number = await runs.start();
      request.subject = `run ${number}`;
      return reply.status(202).header('location', `/api/v1/runs/${number}`).send({ run: number });
    },
  );

  app.get<{ Querystring: { run?: number; since?: string; owner?: string } }>(
    '/news',
    {
      config: { role: 'read', takesTeam: true },
      schema: {
        tags,
        summary: 'What changed: in the last run, in runs from a number on, or since a day',
        querystring: parameters({
          run: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1, description: 'this run and later ones' },
          since: { type: 'string', pattern: day, description: 'as 2026-11-20 or 2026-11-20T06:00Z' },
          owner: ownerParameter,
        }),
        response: answers({ 200: news }),
      },
    },
    async ({ query, caller }) => readNews(database, sinceOf(query), ownersSeen(caller, query.owner)),
  );

  app.get(
    '/status',
    { ...read, schema: { tags, summary: 'How the fleet stands', response: answers({ 200: status }) } },
    async () => fleetStatus(database, now()),
  );

  app.get(
    '/feed',
    {
      config: { role: 'read', takesTeam: true },
      schema: {
        ...{ tags, summary: 'The feed that judged last, with the age of each source and platform' },
        response: answers({ 200: feed }, { 404: 'there was no run yet' }),
      },
    },
    async () => {
      const [row] = await database.query<object>(
        `SELECT digest, created, signed, sources, platforms FROM fleet.feeds
         WHERE id = (SELECT feed FROM fleet.runs WHERE state = 'finished' ORDER BY id DESC LIMIT 1)`,
      );
      if (!row) throw refusal('NOT_FOUND', 'there was no run yet', 'begin one with POST /api/v1/runs');
      return row;
    },
  );
}

function sinceOf({ run, since }: { run?: number; since?: string }): NewsSince {
  if (run !== undefined && since !== undefined)
    throw refusal('REQUEST_INVALID', 'expected a run or a day, found both', 'leave one out');
  if (run !== undefined) return { run };
  if (since === undefined) return undefined;
  const date = new Date(since);
  if (Number.isNaN(date.getTime()))
    throw refusal('REQUEST_INVALID', `since: ${since} is in no calendar`, 'write it as 2026-11-20');
  return { time: date };
}
