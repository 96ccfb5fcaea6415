import {
  compilePattern,
  DeadlineError,
  isStackOverflow,
  type Pattern,
  PatternError,
  withDeadline,
} from '../pcre/index.ts';

/** Steps of a match that are taken without a watch: a few milliseconds at worst. */
const freeSteps = 200_000;
/** Time of one match under a watch, in milliseconds. */
const patience = 100;
/** Time of all patterns on all paths of an image, in milliseconds: a million honest paths need a tenth of it. */
const maxMilliseconds = 30_000;

/**
 * Patterns of paths, matched while the layers go by: each path by itself, so that a watch over each match would cost more
 * than the matching. Only a match that may take long by its pattern and its path has one. A pattern that takes longer is
 * given up, and so are all once they have taken their time together. The files that it would have found are not kept then,
 * which makes the objects that read them unknown.
 */
export class PathPatterns {
  #spent = 0;

  /** A test for any of the patterns. */
  any(patterns: readonly string[]): (text: string) => boolean {
    let usable = patterns.flatMap((pattern) => {
      try {
        return [compilePattern(pattern)];
      } catch (error) {
        // A pattern that is none finds nothing; its object is in error when it is evaluated.
        if (error instanceof PatternError) return [];
        throw error;
      }
    });
    return (text) => {
      if (usable.length === 0 || this.#spent > maxMilliseconds) return false;
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
