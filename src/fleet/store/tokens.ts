import { hash, randomBytes } from 'node:crypto';
import type { Queries } from './database.ts';
import { storable } from './json.ts';

/** What a token may: read; also import and add; also manage tokens and waivers. Each may what the ones before it may. */
export const tokenRoles = ['read', 'write', 'admin'] as const;

export type TokenRole = (typeof tokenRoles)[number];

export interface Token {
  id: number;
  name: string;
  role: TokenRole;
  created: Date;
  expires: Date | null;
  /** When it was used last, to the hour. */
  used: Date | null;
}

/** How our tokens begin, so that scanners of secrets know them. */
const prefix = 'scapfeed_';

/** Makes a token; undefined: there is one of this name. Only a digest is kept: it is shown once. */
export async function makeToken(
  queries: Queries,
  { name, role, expires }: { name: string; role: TokenRole; expires?: Date },
  now: Date,
): Promise<string | undefined> {
  const token = `${prefix}${randomBytes(32).toString('base64url')}`;
  const rows = await queries.query<{ id: number }>(
    `INSERT INTO fleet.tokens AS known (name, role, digest, created, expires) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (name) DO UPDATE SET role = excluded.role, digest = excluded.digest, created = excluded.created,
       expires = excluded.expires, removed = NULL, used = NULL WHERE known.removed IS NOT NULL RETURNING id`,
    [storable(name), role, digestOf(token), now, expires ?? null],
  );
  return rows.length > 0 ? token : undefined;
}

/** The token that was given, if it holds at this time. 256 random bits are not guessed, so that a plain digest suffices. */
export async function findToken(queries: Queries, given: string, now: Date): Promise<Token | undefined> {
  const [row] = await queries.query<Token>(
    `SELECT id, name, role, created, expires, used FROM fleet.tokens
     WHERE digest = $1 AND removed IS NULL AND (expires IS NULL OR expires > $2)`,
    [digestOf(given), now],
  );
  return row;
}

export async function listTokens(queries: Queries): Promise<Token[]> {
  return queries.query<Token>(
    'SELECT id, name, role, created, expires, used FROM fleet.tokens WHERE removed IS NULL ORDER BY name COLLATE "C"',
  );
}

/** Ends a token. Returns whether there was one. */
export async function revokeToken(queries: Queries, name: string, now: Date): Promise<boolean> {
  const rows = await queries.query<{ id: number }>(
    'UPDATE fleet.tokens SET removed = $2 WHERE name = $1 AND removed IS NULL RETURNING id',
    [name, now],
  );
  return rows.length > 0;
}

function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
