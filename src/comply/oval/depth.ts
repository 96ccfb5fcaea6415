/** Maximum depth of references between elements of content; usual content stays below 20. */
export const maxDepth = 300;

/** Thrown when content refers deeper than that. */
export class DepthError extends Error {
  /** A level that is needed for sure. */
  readonly reached: number;

  constructor(reached: number) {
    super(`elements refer to each other more than ${maxDepth} levels deep`);
    this.reached = reached;
  }
}

/**
 * The depth of an evaluation in definitions, objects, sets, variables and functions together. What is computed once has its height
 * (the levels below it) kept with its result: whether something refers too deep does not depend on what was computed before.
 */
export class Depth {
  level = 0;
  /** The deepest level since the innermost `open`. */
  reached = 0;

  /** Runs one level further down. Throws DepthError. */
  descend<T>(work: () => T): T {
    this.reach(1);
    this.level += 1;
    try {
      return work();
    } finally {
      this.level -= 1;
    }
  }

  /** Something of this height is used here: its result is known. Throws DepthError. */
  reach(height: number): void {
    const reached = this.level + height;
    if (reached > maxDepth) throw new DepthError(reached);
    if (reached > this.reached) this.reached = reached;
  }

  /** Begins to measure a height. Returns what `close` needs. */
  open(): number {
    const before = this.reached;
    this.reached = this.level;
    return before;
  }

  /** The height of what was computed since `open`, at the same level. */
  close(before: number): number {
    const height = this.reached - this.level;
    if (before > this.reached) this.reached = before;
    return height;
  }
}
