import type { FastifyInstance } from 'fastify';
import { type AuditKind, auditKinds } from '../../../model/fleet/index.ts';
import { refusal } from '../../refusal.ts';
import { integer, listSchema, object, oneOf, string, time } from '../../schemas.ts';
import { readAudit } from '../../store/audit.ts';
import type { ServeContext } from '../context.ts';
import { pageOf, readCursor } from './cursor.ts';

interface AuditSearch {
  since?: string;
  actor?: string;
  kind?: AuditKind;
  limit: number;
  cursor?: string;
}

const entry = object({ id: integer, at: time, actor: string, kind: oneOf(auditKinds), act: string });

/** The route of the audit log. */
export async function auditRoutes(app: FastifyInstance, { database }: ServeContext): Promise<void> {
  app.get<{ Querystring: AuditSearch }>(
    '/audit',
    {
      config: { role: 'admin' },
      schema: listSchema('audit', 'Who waived, changed, read or was refused what, the newest first', entry, {
        since: {
          type: 'string',
          maxLength: 40,
          description: 'a day or time: 2026-11-20, 2026-11-20T06:00Z',
        },
        actor: {
          type: 'string',
          maxLength: 200,
          description: 'the name of a token or user, or the mail address of a person',
        },
        kind: oneOf(auditKinds),
      }),
    },
    async ({ query: { since, cursor, limit, ...choice } }) => {
      const from = since === undefined ? undefined : new Date(since);
      if (from && Number.isNaN(from.getTime()))
        throw refusal('REQUEST_INVALID', `since: ${since} is in no calendar`, 'write it as 2026-11-20');
      const [before] = (readCursor(cursor, ['number']) ?? []) as [number?];
      const rows = await readAudit(database, {
        ...{ ...choice, limit: limit + 1 },
        ...(from && { since: from }),
        ...(before !== undefined && { before }),
      });
      return pageOf(rows, limit, ({ id }) => [id]);
    },
  );
}
