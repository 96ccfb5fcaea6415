import type { Refusal, RefusalCode } from '../model/index.ts';

/** Thrown for a signature that proves nothing. The refusal concerns that signature only; others may still prove the image. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(code: RefusalCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Refused';
    this.refusal = { code, message };
  }
}
