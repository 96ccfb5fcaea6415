import { type ErrorCode, ScapfeedError } from '../model/index.ts';

/** What is sought in a registry, for its errors: an image that is not there is another fault than a feed. */
export interface Subject {
  /** In a sentence: `image`, `feed`. */
  noun: string;
  /** Codes of what is not there, and of what is larger than it may be. */
  notFound: ErrorCode;
  tooLarge: ErrorCode;
  /** What a user may do who was not let in. */
  login: string;
}

export function notAllowed(subject: Subject, message: string, where: string): ScapfeedError {
  return new ScapfeedError({ code: 'FETCH_REFUSED', message, where, remedy: subject.login });
}

export function notFound({ noun, notFound: code }: Subject, where: string): ScapfeedError {
  return new ScapfeedError({
    code,
    message: `expected the ${noun} in the registry, it has none of this name`,
    where,
    remedy: `check host, name and tag; a private ${noun} also looks like this without a login`,
  });
}
