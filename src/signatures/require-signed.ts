import type { SignedSubject } from '../model/verdict/index.ts';
import { Refused } from './refused.ts';

/** Refused: SIGNS_OTHER, or SIGNS_OTHER_PART where it is of this image all the same. */
export function requireSigned(
  signs: (digest: string) => boolean,
  at: SignedSubject,
  image: readonly SignedSubject[],
  found: string,
): void {
  if (signs(at.digest)) return;
  const other = image.find(({ digest }) => signs(digest));
  if (other) {
    throw new Refused(
      'SIGNS_OTHER_PART',
      `expected a signature of the ${at.kind} ${at.digest}, found one of the ${other.kind}`,
    );
  }
  throw new Refused('SIGNS_OTHER', `expected a signature of ${at.digest}, found one of ${found}`);
}
