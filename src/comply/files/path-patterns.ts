import {
  compilePattern,
  DeadlineError,
  isStackOverflow,
  type Pattern,
  PatternError,
  withDeadline,
} from '../pcre/index.ts';

/** A match with fewer steps runs without a deadline: a few milliseconds at worst. */
const freeSteps = 200_000;
/** Deadline of one match in milliseconds. */
const patience = 100;
/** Time to compile all patterns and to match them on all paths of an image, in milliseconds; a million usual paths need a tenth of it. */
const maxMilliseconds = 30_000;

/**
 * Patterns of paths, matched while layers are read. A deadline for each match would cost more than the matching, so only
 * matches that may take long, by their pattern and path, have one. A pattern that reaches it is no longer used; neither is any
 * when all together reach theirs. The files that they would have found are not kept, and the objects that read them become
 * unknown.
 */
export class PathPatterns {
  readonly #milliseconds: number;
  #spent = 0;

  constructor(milliseconds: number = maxMilliseconds) {
    this.#milliseconds = milliseconds;
  }

  /** A test for any of the patterns. */
  any(patterns: readonly string[]): (text: string) => boolean {
    let usable = patterns.flatMap((pattern) => this.#compiled(pattern));
    return (text) => {
      if (usable.length === 0 || this.#spent > this.#milliseconds) return false;
      const started = performance.now();
      const slow: Pattern[] = [];
      const found = usable.some((pattern) => {
        const result = test(pattern, text);
        if (result === undefined) slow.push(pattern);
        return result === true;
      });
      if (slow.length > 0) usable = usable.filter((pattern) => !slow.includes(pattern));
      this.#spent += performance.now() - started;
      return found;
    };
  }

  /** None: the pattern is invalid and finds nothing, and its object is in error when it is evaluated; or the time is over. */
  #compiled(pattern: string): Pattern[] {
    if (this.#spent > this.#milliseconds) return [];
    const started = performance.now();
    try {
      return [compilePattern(pattern)];
    } catch (error) {
      if (error instanceof PatternError) return [];
      throw error;
    } finally {
      this.#spent += performance.now() - started;
    }
  }
}

/** Undefined: the match takes too long. */
function test(pattern: Pattern, text: string): boolean | undefined {
  try {
    if (pattern.steps(text.length) <= freeSteps) return pattern.test(text);
    return withDeadline(patience, () => pattern.test(text));
  } catch (error) {
    if (error instanceof DeadlineError || error instanceof PatternError || isStackOverflow(error))
      return undefined;
    throw error;
  }
}
