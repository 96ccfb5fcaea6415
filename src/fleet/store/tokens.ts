import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Queries } from './database.ts';
import { storable } from './json.ts';

/** `read`; `write`: also add, import and run; `admin`: also remove and waive. Each includes those before it. */
export const accessRoles = ['read', 'write', 'admin'] as const;

/** The rights of a caller. */
export type AccessRole = (typeof accessRoles)[number];

/**
 * Roles of tokens. `send`: send inventories of the token's names, and nothing else; `team`: see the images of the token's owner, and
 * waive in them.
 */
export const tokenRoles = ['send', 'team', ...accessRoles] as const;

/** A token's permissions. */
export type TokenRole = (typeof tokenRoles)[number];

/** The purpose of a token; only `send` has names, and always, and only `team` an owner. */
export type TokenPurpose =
  | { role: AccessRole }
  | { role: 'send'; names: string }
  | { role: 'team'; owner: string };

/** The purpose of a role with what it is limited to; undefined: they do not go together. */
export function purposeOf(
  role: TokenRole,
  { names, owner }: { names?: string | undefined; owner?: string | undefined },
): TokenPurpose | undefined {
  if (role === 'send') return names && owner === undefined ? { role, names } : undefined;
  if (role === 'team') return owner && names === undefined ? { role, owner } : undefined;
  return names === undefined && owner === undefined ? { role } : undefined;
}

/** An access token of a fleet's server, without its secret. */
export interface Token {
  id: number;
  name: string;
  role: TokenRole;
  /** Of the role `send`: a glob of the names whose inventories it sends. */
  names: string | null;
  /** Of the role `team`: whose images it sees. */
  owner: string | null;
  created: Date;
  expires: Date | null;
  /** When it was last used, to the hour. */
  used: Date | null;
}

/** Prefix of our tokens, so that scanners of secrets recognize them. */
const prefix = 'scapfeed_';

const hour = 3_600_000;

/** Makes a token; undefined: there is one of this name. Only a digest is kept: it is shown once. */
export async function makeToken(
  queries: Queries,
  { name, expires, ...purpose }: { name: string; expires?: Date } & TokenPurpose,
  now: Date,
): Promise<string | undefined> {
  const token = `${prefix}${randomBytes(32).toString('base64url')}`;
  const rows = await queries.query<{ id: number }>(
    `INSERT INTO fleet.tokens AS known (name, role, digest, created, expires, names, owner) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (name) DO UPDATE SET role = excluded.role, digest = excluded.digest, created = excluded.created,
       expires = excluded.expires, names = excluded.names, owner = excluded.owner, removed = NULL, used = NULL WHERE known.removed IS NOT NULL RETURNING id`,
    [
      ...[storable(name), purpose.role, digestOf(token), now, expires ?? null],
      'names' in purpose ? storable(purpose.names) : null,
      'owner' in purpose ? storable(purpose.owner) : null,
    ],
  );
  return rows.length > 0 ? token : undefined;
}

/**
 * The token that was given, if it holds at this time. All that there are are compared, each in constant time, so that how long
 * it takes says nothing. 256 random bits are not guessed: a plain digest suffices.
 */
export async function findToken(queries: Queries, given: string, now: Date): Promise<Token | undefined> {
  const rows = await queries.query<Token & { digest: Uint8Array }>(
    `SELECT id, name, role, names, owner, created, expires, used, digest FROM fleet.tokens
     WHERE removed IS NULL AND (expires IS NULL OR expires > $1) ORDER BY id`,
    [now],
  );
  const wanted = digestOf(given);
  let found: Token | undefined;
  for (const { digest, ...token } of rows) if (timingSafeEqual(digest, wanted)) found = token;
  if (found && (found.used === null || now.getTime() - found.used.getTime() > hour))
    await queries.query('UPDATE fleet.tokens SET used = $2 WHERE id = $1', [found.id, now]);
  return found;
}

/** In hexadecimal, of all tokens and sessions that hold. */
export async function knownDigests(queries: Queries, now: Date): Promise<ReadonlySet<string>> {
  const rows = await queries.query<{ digest: string }>(
    `SELECT encode(digest, 'hex') AS digest FROM fleet.tokens WHERE removed IS NULL AND (expires IS NULL OR expires > $1)
     UNION ALL SELECT encode(digest, 'hex') FROM fleet.sessions WHERE expires > $1`,
    [now],
  );
  return new Set(rows.map(({ digest }) => digest));
}

/** Those that have expired or were removed too: that a token ends must not open what it closed. */
export async function hasTokens(queries: Queries): Promise<boolean> {
  const [row] = await queries.query<{ there: boolean }>('SELECT EXISTS (SELECT FROM fleet.tokens) AS there');
  return row!.there;
}

export async function listTokens(queries: Queries): Promise<Token[]> {
  return queries.query<Token>(
    'SELECT id, name, role, names, owner, created, expires, used FROM fleet.tokens WHERE removed IS NULL ORDER BY name COLLATE "C"',
  );
}

/** Ends a token, and whoever signed in by it. Returns whether there was one. */
export async function removeToken(queries: Queries, name: string, now: Date): Promise<boolean> {
  const rows = await queries.query<{ id: number }>(
    `WITH ended AS (UPDATE fleet.tokens SET removed = $2 WHERE name = $1 AND removed IS NULL RETURNING id),
       left_out AS (DELETE FROM fleet.sessions WHERE token IN (SELECT id FROM ended))
     SELECT id FROM ended`,
    [storable(name), now],
  );
  return rows.length > 0;
}

/** Of a token or a session: 256 random bits are not guessed, so that a plain digest suffices. */
export function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
