import { createHash } from 'node:crypto';

// Of all processes of a database, one has the right to do work of a name: an advisory lock of its session, which ends with the session.
// A process that was killed holds none.

/** SQL with the key of a name as $1: whether this session has got the right. */
export const takeRight = 'SELECT pg_try_advisory_lock($1) AS held';

/** SQL with the key of a name as $1. */
export const giveRight = 'SELECT pg_advisory_unlock($1)';

/** The 63 bits that stand for a name among the advisory locks of a database. */
export function lockKey(name: string): string {
  const first = createHash('sha256').update(`scapfeed fleet ${name}`).digest().readBigInt64BE();
  return String(first & 0x7fff_ffff_ffff_ffffn);
}

/** SQL: whether a session has the right to do work of this name. A key of 64 bits is listed in two halves. */
export function isHeld(name: string): string {
  return `EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = ${lockKey(name)})`;
}
