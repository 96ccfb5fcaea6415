/** How deep elements of content may refer to each other; usual content stays below 20. */
export const maxDepth = 300;

/** Thrown when content refers deeper than that. */
export class DepthError extends Error {}

/** The depth of an evaluation in definitions, objects, sets, variables and functions together. */
export class Depth {
  level = 0;

  /** Runs one level further down. Throws DepthError. */
  descend<T>(work: () => T): T {
    if (this.level >= maxDepth)
      throw new DepthError(`elements refer to each other more than ${maxDepth} levels deep`);
    this.level += 1;
    try {
      return work();
    } finally {
      this.level -= 1;
    }
  }
}
