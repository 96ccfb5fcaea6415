import type { FastifyInstance } from 'fastify';
import type { WaiverRequest } from '../../../model/fleet/index.ts';
import { waiverMembers } from '../../pages/tables/waivers.ts';
import { refusal } from '../../refusal.ts';
import { answers, integer, list, object, ownerParameter, parameters } from '../../schemas.ts';
import { addWaiver, endWaiver, listWaivers } from '../../store/waivers.ts';
import type { ServeContext } from '../context.ts';
import { ownersSeen, waivingOwner } from '../seen-by.ts';

const text = { type: 'string', maxLength: 2000 };

/** Routes of accepted risks. The owner of the token is recorded. */
export async function waiverRoutes(app: FastifyInstance, { database, now }: ServeContext): Promise<void> {
  const tags = ['waivers'];

  app.get<{ Querystring: { ended: boolean; owner?: string } }>(
    '/waivers',
    {
      config: { role: 'read', takesTeam: true },
      schema: {
        ...{ tags, summary: 'What is accepted, what that does, and what has expired' },
        querystring: parameters({
          ended: { type: 'boolean', default: false, description: 'also those that somebody took back' },
          owner: ownerParameter,
        }),
        response: answers({ 200: object({ items: list(object(waiverMembers)) }) }),
      },
    },
    async ({ query: { ended, owner }, caller }) => ({
      items: await listWaivers(database, now(), ownersSeen(caller, owner), { ended }),
    }),
  );

  app.post<{ Body: WaiverRequest }>(
    '/waivers',
    {
      config: { role: 'admin', takesTeam: true, audit: 'store' },
      schema: {
        ...{ tags, summary: 'Accept a flaw, or a rule that fails' },
        body: parameters(
          {
            ...{ vulnerability: text, rule: text, package: text, image: text, owner: text, reason: text },
            until: { ...text, description: 'the last day (UTC) on which it acts, as 2027-03-31' },
          },
          ['reason'],
        ),
        response: answers({ 201: object({ id: integer }) }),
      },
    },
    async ({ body, caller }, reply) => {
      const waiver = { ...body, ...waivingOwner(caller, body.owner) };
      return reply.status(201).send({ id: await addWaiver(database, waiver, caller!.name, now()) });
    },
  );

  app.delete<{ Params: { id: number } }>(
    '/waivers/:id',
    {
      config: { role: 'admin', takesTeam: true, audit: 'store' },
      schema: {
        ...{ tags, summary: 'Take a waiver back' },
        params: parameters({ id: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1 } }, ['id']),
        response: answers({ 204: { type: 'null' } }, { 404: 'there is none, or it has ended' }),
      },
    },
    async ({ params, caller }, reply) => {
      if (await endWaiver(database, params.id, caller!.name, now(), ownersSeen(caller, undefined)))
        return reply.status(204).send();
      throw refusal('NOT_FOUND', 'there is no such waiver, or it has ended', 'see /api/v1/waivers');
    },
  );
}
