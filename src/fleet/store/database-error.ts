import { ScapfeedError } from '../../model/error.ts';

/** SQLSTATEs and system errors of a server that ends, has ended, has no room for another session, or does not answer. */
const gone = /^(?:57P0[1-5]|53300|08\d\d\w|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT)$/;

/** The same by the client, which gives no code. */
const lost =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * Errors that users can fix get a code and a remedy: a full disk, and a server that cannot be reached. Other errors are passed
 * on.
 */
export function databaseError(place: string, cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const { code = '', message, syscall } = cause as Error & { code?: string; syscall?: string };
  if (code === '53100' || code === 'ENOSPC') {
    return new ScapfeedError({
      code: 'DISK_FULL',
      message: `the disk of the database is full: ${message}`,
      where: place,
      remedy: 'free space, for example with `scapfeed fleet prune`, and run again: nothing is lost',
      cause,
    });
  }
  // A file that is not there is another matter than a socket.
  const isGone = gone.test(code) && syscall !== 'open';
  if (!isGone && !lost.test(message)) return cause;
  return new ScapfeedError({
    code: 'DATABASE_UNUSABLE',
    message: `the connection to the database was lost: ${message}`,
    where: place,
    remedy: 'check that the server is running, and run again: nothing is lost',
    cause,
  });
}
