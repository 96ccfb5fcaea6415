import type { Refusal, RefusalCode } from '../model/index.ts';

/** A signature that proves nothing: thrown where it shows, and told of that one signature; others may still prove the image. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(code: RefusalCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Refused';
    this.refusal = { code, message };
  }
}
