import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Queries } from './database.ts';
import { storable } from './json.ts';
import { type AccessRole, digestOf, type Token } from './tokens.ts';

/** Lifetime of a session, in seconds. */
export const signedInFor = 12 * 3600;

/** Of one token or person, the newest stay: a browser that signs in again and again must not fill the database. */
const mostOfOne = 100;

/** Signs in by a token. Returns the secret of the session, of which a digest is kept: it is worth nothing but this session. */
export async function beginSession(queries: Queries, { id }: Pick<Token, 'id'>, now: Date): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  const expires = new Date(now.getTime() + signedInFor * 1000);
  await queries.query(
    'INSERT INTO fleet.sessions (digest, token, created, expires) VALUES ($1, $2, $3, $4)',
    [...[digestOf(secret), id, now, expires]],
  );
  await endOlder(queries, { token: id }, now);
  return secret;
}

/** The role of a person by the rules of sign-in; `team` has the owners of the person's teams, the others have none. */
export type PersonRights = { role: AccessRole } | { role: 'team'; owners: readonly [string, ...string[]] };

/** A person who signed in at an OpenID Provider. */
export interface SignedInPerson {
  /** As the audit log has it: address, subject and provider. */
  name: string;
  rights: PersonRights;
  /** The ID token, by which the provider recognises whom to sign out. */
  idToken: string;
}

/** Lifetimes of sessions of people, and the settings they depend on. */
export interface PeopleRules {
  /** A digest of the settings: a session by others has ended. */
  rules: Buffer;
  /** Milliseconds until the end, and without a request. */
  lasts: number;
  idle: number;
}

/** Signs a person in. Returns the secret of the session. */
export async function beginPersonSession(
  queries: Queries,
  { name, rights, idToken }: SignedInPerson,
  { rules, lasts }: PeopleRules,
  now: Date,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  const person = storable(name);
  await queries.query(
    `INSERT INTO fleet.sessions (digest, person, role, owners, rules, created, used, expires, hint)
     VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8)`,
    [
      ...[
        digestOf(secret),
        person,
        rights.role,
        'owners' in rights ? rights.owners.map(storable) : null,
        rules,
      ],
      ...[now, new Date(now.getTime() + lasts)],
      idToken.length > longestHint ? null : sealed(idToken, secret),
    ],
  );
  await endOlder(queries, { person }, now);
  return secret;
}

/** After a session has begun: of many that begin at once, the last one sees all. */
async function endOlder(
  queries: Queries,
  owner: { token: number } | { person: string },
  now: Date,
): Promise<void> {
  const [column, value] = 'token' in owner ? ['token', owner.token] : ['person', owner.person];
  await queries.query(
    `DELETE FROM fleet.sessions WHERE expires <= $1 OR digest IN (SELECT digest FROM fleet.sessions WHERE ${column} = $2
       ORDER BY created DESC, digest OFFSET ${mostOfOne})`,
    [now, value],
  );
}

/** The rights of a session, of a token or of a person. */
type SessionRights = Pick<Token, 'name' | 'role' | 'names'> & { owners: readonly string[] | null };

/** Parts of the idle time after which a use is written down: each write makes views of the store look again. */
const useParts = 20;

/**
 * Returns the rights of a session, or `undefined` if the session or its token has ended. Without `people`, sign-in by a
 * provider is off, and sessions that began with it have ended.
 */
export async function sessionRights(
  queries: Queries,
  secret: string,
  now: Date,
  people?: PeopleRules,
): Promise<SessionRights | undefined> {
  const digest = digestOf(secret);
  const time = now.getTime();
  const [row] = await queries.query<SessionRights & { used: Date | null }>(
    `SELECT coalesce(person, name) AS name, coalesce(sessions.role, tokens.role) AS role, names,
       coalesce(owners, CASE WHEN tokens.owner IS NOT NULL THEN ARRAY[tokens.owner] END) AS owners, sessions.used
     FROM fleet.sessions LEFT JOIN fleet.tokens ON tokens.id = token
     WHERE sessions.digest = $1 AND sessions.expires > $2 AND (
       (token IS NOT NULL AND removed IS NULL AND (tokens.expires IS NULL OR tokens.expires > $2))
       OR (rules = $3 AND sessions.used > $4))`,
    [digest, now, people?.rules ?? null, new Date(time - (people?.idle ?? 0))],
  );
  if (!row) return undefined;
  const { used, ...rights } = row;
  if (used !== null && people && time - used.getTime() > people.idle / useParts)
    await queries.query('UPDATE fleet.sessions SET used = $2 WHERE digest = $1', [digest, now]);
  return rights;
}

/** The person who signed out; `idToken` is absent if it was too long to keep. */
export interface EndedPerson {
  name: string;
  idToken?: string;
}

/** Signs out. Returns the person, if it was one. */
export async function endSession(queries: Queries, secret: string): Promise<EndedPerson | undefined> {
  const [row] = await queries.query<{ person: string | null; hint: Uint8Array | null }>(
    'DELETE FROM fleet.sessions WHERE digest = $1 RETURNING person, hint',
    [digestOf(secret)],
  );
  if (row?.person === undefined || row.person === null) return undefined;
  return { name: row.person, ...(row.hint && { idToken: opened(row.hint, secret) }) };
}

/** Characters of an ID token: it comes back in an address, and longer ones are refused by servers. */
const longestHint = 4096;

const sealing = 'aes-256-gcm';
const tagLength = 16;

/** A key for one message, so that it needs no nonce of its own. Whoever reads the database has a digest of the secret only. */
function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'scapfeed: ID token', 44));
}

function sealed(text: string, secret: string): Buffer {
  const key = keyOf(secret);
  const cipher = createCipheriv(sealing, key.subarray(0, 32), key.subarray(32));
  const bytes = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([cipher.getAuthTag(), bytes]);
}

function opened(bytes: Uint8Array, secret: string): string {
  const key = keyOf(secret);
  const cipher = createDecipheriv(sealing, key.subarray(0, 32), key.subarray(32), {
    authTagLength: tagLength,
  });
  cipher.setAuthTag(bytes.subarray(0, tagLength));
  return Buffer.concat([cipher.update(bytes.subarray(tagLength)), cipher.final()]).toString('utf8');
}
