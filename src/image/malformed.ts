import { ScapfeedError } from '../model/index.ts';

/** Where something is: made into words only when there is a fault to report. */
export type Place = string | (() => string);

export function placeText(place: Place): string {
  return typeof place === 'string' ? place : place();
}

/** An archive, layer or document that is not what its format says; `where` is the place in it. */
export function malformed(message: string, where: Place, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'IMAGE_MALFORMED',
    message,
    where: placeText(where),
    remedy: 'fetch or save the image again; if the fault stays, it was made so',
    cause,
  });
}
