/** How far elements of content may refer to each other; honest content stays below 20. */
export const maxDepth = 300;

/** Thrown where content refers further than that. */
export class DepthError extends Error {}

/** Counts how deep an evaluation is in definitions, objects, sets, variables and their functions, all together. */
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
