import { ScapfeedError } from '../../model/index.ts';

/** The error for compiled content that is not as `compile` wrote it. */
export function corrupt(where: string, message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'CONTENT_MALFORMED',
    message,
    where,
    remedy: 'compile the content again with `scapfeed compile`',
    cause,
  });
}
