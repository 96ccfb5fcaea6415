import { randomBytes } from 'node:crypto';
import type { Queries } from './database.ts';
import { digestOf, type Token } from './tokens.ts';

/** Lifetime of a session, in seconds. */
export const signedInFor = 12 * 3600;

/** Of one token, the newest stay: a browser that signs in again and again must not fill the database. */
const mostOfToken = 100;

/** Signs in by a token. Returns the secret of the session, of which a digest is kept: it is worth nothing but this session. */
export async function beginSession(queries: Queries, { id }: Pick<Token, 'id'>, now: Date): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  const expires = new Date(now.getTime() + signedInFor * 1000);
  await queries.query(
    `DELETE FROM fleet.sessions WHERE expires <= $1 OR digest IN (SELECT digest FROM fleet.sessions WHERE token = $2
       ORDER BY created DESC, digest OFFSET ${mostOfToken - 1})`,
    [now, id],
  );
  await queries.query(
    'INSERT INTO fleet.sessions (digest, token, created, expires) VALUES ($1, $2, $3, $4)',
    [...[digestOf(secret), id, now, expires]],
  );
  return secret;
}

/** The rights of a session. */
type SessionToken = Pick<Token, 'name' | 'role' | 'names' | 'owner'>;

/** The token of a session; undefined: the session or its token has ended. */
export async function sessionToken(
  queries: Queries,
  secret: string,
  now: Date,
): Promise<SessionToken | undefined> {
  const [row] = await queries.query<SessionToken>(
    `SELECT name, role, names, owner FROM fleet.sessions JOIN fleet.tokens ON tokens.id = token
     WHERE sessions.digest = $1 AND sessions.expires > $2 AND removed IS NULL AND (tokens.expires IS NULL OR tokens.expires > $2)`,
    [digestOf(secret), now],
  );
  return row;
}

/** Signs out. */
export async function endSession(queries: Queries, secret: string): Promise<void> {
  await queries.query('DELETE FROM fleet.sessions WHERE digest = $1', [digestOf(secret)]);
}
