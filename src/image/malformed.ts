import { type Where, whereText } from '../io/where.ts';
import { ScapfeedError } from '../model/index.ts';

/** The error for an archive, layer or document that breaks its format; `where` is the place in it. */
export function malformed(message: string, where: Where, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_MALFORMED',
    message,
    where: whereText(where),
    remedy: 'fetch or save the image again; if the error persists, the image was created that way',
    cause,
  });
}
