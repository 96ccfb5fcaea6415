import { isScapfeedError } from '../model/error.ts';
import type { Refusal, RefusalCode } from '../model/verdict/index.ts';

/** Thrown for a signature that proves nothing. The refusal concerns that signature only; others may still prove the image. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(code: RefusalCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Refused';
    this.refusal = { code, message };
  }
}

/** A broken signature does not prevent checking the others; an error of the registry does. @throws the error of the registry */
export function asRefused(error: unknown): Refused {
  if (error instanceof Refused) return error;
  if (isScapfeedError(error)) {
    const { code, message } = error;
    if (code === 'IMAGE_NOT_FOUND') return new Refused('SIGNATURE_MISSING', message, error);
    if (code === 'IMAGE_DIGEST_MISMATCH') return new Refused('CONTENT_DIFFERS', message, error);
    if (code === 'IMAGE_MALFORMED') return new Refused('SIGNATURE_MALFORMED', message, error);
  }
  throw error;
}
