import { readNamed } from '../io/read-at-most.ts';
import { refusedAccess } from '../io/system-reason.ts';
import { ScapfeedError } from '../model/error.ts';

/**
 * Reads a file of trust: key, certificate, policy or root.
 * @throws {ScapfeedError} TRUST_ROOT_MISSING; TRUST_ROOT_INVALID for one that is there and has no end or no content
 */
export function readTrustedFile(file: string): Buffer {
  try {
    return readNamed(file);
  } catch (cause) {
    const isThere = (cause as NodeJS.ErrnoException).syscall === undefined;
    throw new ScapfeedError({
      code: isThere ? 'TRUST_ROOT_INVALID' : 'TRUST_ROOT_MISSING',
      message: `the trusted keys or certificates cannot be read: ${(cause as Error).message}`,
      where: file,
      remedy: isThere
        ? 'specify the file that has the keys or certificates'
        : 'specify an existing, readable file',
      ...refusedAccess(cause, 'the file of trusted keys or certificates'),
      cause,
    });
  }
}

/** Makes the errors of one kind of file of trust: unreadable content, or a weak key. */
export function invalidTrust(remedy: string) {
  return (message: string, where: string, cause?: unknown): ScapfeedError =>
    new ScapfeedError({ code: 'TRUST_ROOT_INVALID', message, where, remedy, cause });
}
