import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { RegistryReference } from '../../image/reference.ts';
import type { SignedSubject } from '../../model/verdict/index.ts';
import { digestOf } from '../../registry/digest.ts';
import { signatureLimits, tooMany } from '../limits.ts';
import { Refused } from '../refused.ts';
import type { Candidate } from './find-signatures.ts';

/**
 * Signatures in a folder as a lookaside server has it: `NAME@sha256=HEX/signature-1` and so on (containers-signature(5)). For an
 * image without a name they stand in the folder itself.
 */
export function readLookaside<Subject extends SignedSubject>(
  folder: string,
  reference: RegistryReference | undefined,
  subjects: readonly Subject[],
): Candidate<Subject>[] {
  // Without a name, signatures cannot be assigned to a platform's manifest; they are those of the image that the reference names.
  const signed = reference ? subjects : subjects.slice(0, 1);
  return signed.flatMap((at) => {
    const own = reference ? join(folder, `${reference.name}@${at.digest.replace(':', '=')}`) : folder;
    const candidates: Candidate<Subject>[] = [];
    for (let number = 1; ; number++) {
      if (number > signatureLimits.signatures) throw tooMany('signatures', signatureLimits.signatures, own);
      const bytes = readUpTo(join(own, `signature-${number}`), signatureLimits.openpgpBytes);
      if (!bytes) return candidates;
      const isLarge = bytes.length > signatureLimits.openpgpBytes;
      candidates.push({
        form: 'simple-signing',
        place: 'lookaside',
        digest: digestOf(bytes),
        at,
        content: isLarge
          ? new Refused(
              'SIGNATURE_TOO_LARGE',
              `expected at most ${signatureLimits.openpgpBytes} bytes, found more`,
            )
          : { bytes, annotations: {}, mediaType: '' },
      });
    }
  });
}

/** Undefined: there is no such file. A longer one is given up to one byte more. */
function readUpTo(path: string, maxBytes: number): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
