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

/** How many times its wall time a piece of work may get while others keep this process from the processor. */
const mostStretch = 24;

/**
 * Runs synchronous work for at most so much of the processor's time. V8's own interrupt ends it, also inside a regular
 * expression, so patterns need no matcher of ours and cannot hang the process. The interrupt knows the wall clock only: on a
 * busy machine the work begins anew with more of that, so that a result does not depend on what else runs. Nested calls
 * share the outer limit. The watch costs 0.1 ms a call; what interrupted work leaves behind is the caller's to take back.
 */
export function withDeadline<T>(milliseconds: number, work: () => T): T {
  if (guarded) return work();
  for (let wall = milliseconds; ; ) {
    const started = usedMilliseconds();
    const done = attempt(wall, work);
    if (done) return done.value;
    const used = usedMilliseconds() - started;
    if (used > 0.8 * milliseconds || wall === mostStretch * milliseconds)
      throw new DeadlineError(milliseconds);
    wall = Math.ceil(Math.min(mostStretch, (1.5 * wall) / Math.max(1, used)) * milliseconds);
  }
}

/** Undefined: interrupted. */
function attempt<T>(wall: number, work: () => T): { value: T } | undefined {
  guarded = true;
  box.work = work;
  try {
    return { value: script.runInContext(context, { timeout: wall }) as T };
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    guarded = false;
    box.work = undefined;
  }
}

/** Processor time that this process has used. */
export function usedMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** True of V8's errors for a stack that is used up, which regular expressions report as a SyntaxError of their own. */
export function isStackOverflow(error: unknown): boolean {
  return (
    (error instanceof RangeError || error instanceof SyntaxError) &&
    /call stack|expression too large/i.test(error.message)
  );
}
