import { ScapfeedError } from '../../model/error.ts';

/** Limits on the malformed part of a document, beyond which all of it is refused. */
export interface MalformedLimits {
  /** Share of the errata. */
  malformedShare: number;
  /** So many in any case, if there are others. */
  malformedFew: number;
}

/** @throws SOURCE_MALFORMED: the format has changed, or the document is another */
export function requireShare(
  faults: number,
  errata: number,
  { malformedShare, malformedFew }: MalformedLimits,
  where: string,
): void {
  if (faults <= Math.max(malformedFew, malformedShare * errata) && (faults < errata || faults === 0)) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected errata of this release, found ${faults} of ${errata} in another form or of another release`,
    where,
    remedy: 'fetch it again; if the format has changed, a newer scapfeed is needed',
  });
}

/** A release has had errata since its first day: an empty list would make every image of it clean. */
export function noErrata(what: 'errata' | 'advisories', where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected ${what}, found an empty list`,
    where,
    remedy: 'fetch it again later; the last good snapshot is kept',
  });
}
