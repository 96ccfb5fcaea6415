import { readNamed } from '../io/read-at-most.ts';
import { refusedAccess } from '../io/system-reason.ts';
import { ScapfeedError } from '../model/index.ts';

/** Reads a file of trust: key, certificate, policy or root. @throws {ScapfeedError} TRUST_ROOT_MISSING */
export function readTrustedFile(file: string): Buffer {
  try {
    return readNamed(file);
  } catch (cause) {
    throw new ScapfeedError({
      code: 'TRUST_ROOT_MISSING',
      message: `the trusted keys or certificates cannot be read: ${(cause as Error).message}`,
      where: file,
      remedy: 'specify an existing, readable file',
      ...refusedAccess(cause, 'the file of trusted keys or certificates'),
      cause,
    });
  }
}
