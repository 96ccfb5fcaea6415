import { ScapfeedError } from '../model/error.ts';

/** A document that is refused as a whole. */
export function invalidVex(message: string, where: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'VEX_INVALID',
    message,
    where,
    remedy:
      'specify with --vex an OpenVEX, CSAF or CycloneDX document whose statements name vulnerabilities and products',
    ...(cause === undefined ? {} : { cause }),
  });
}
