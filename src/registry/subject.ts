import { type ErrorCode, ScapfeedError } from '../model/error.ts';

/**
 * The kind of thing that is fetched from a registry, for its errors: a missing image has another error code than a missing feed.
 */
export interface RegistrySubject {
  /** Its name in a sentence: `image`, `feed`. */
  noun: string;
  /** Error codes if it does not exist, and if it is larger than allowed. */
  notFound: ErrorCode;
  tooLarge: ErrorCode;
  /** The remedy if access was refused. */
  login: string;
}

export function notAllowed(subject: RegistrySubject, message: string, where: string): ScapfeedError {
  return new ScapfeedError({ code: 'FETCH_REFUSED', message, where, remedy: subject.login });
}

export function notFound({ noun, notFound: code }: RegistrySubject, where: string): ScapfeedError {
  return new ScapfeedError({
    code,
    message: `expected the ${noun} in the registry, it has none of this name`,
    where,
    remedy: `check host, name and tag; a private ${noun} also looks like this without a login`,
  });
}
