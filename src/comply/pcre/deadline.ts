import { type Context, createContext, Script } from 'node:vm';

/** Thrown when a piece of work took longer than it may. */
export class DeadlineError extends Error {
  constructor(milliseconds: number) {
    super(`gave up after ${milliseconds} ms: a pattern backtracks too much on this text`);
    this.name = 'DeadlineError';
  }
}

const box: { work: (() => unknown) | undefined } = { work: undefined };
/** Made with the first work: most runs on packages have none. */
let guard: { context: Context; script: Script } | undefined;
let guarded = false;

/** Maximum wall time of a piece of work, as a multiple of its limit, while other processes use the processor. */
const mostStretch = 24;

/**
 * Runs synchronous work for a limited processor time. V8's interrupt ends it, also inside a regular expression, so patterns
 * cannot hang the process. The interrupt measures wall time: on a busy machine the work is started again with a longer limit,
 * so the result does not depend on the load. Nested calls share the outer limit. A call costs 0.1 ms; the caller must clean
 * up after interrupted work.
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
  guard ??= { context: createContext(box), script: new Script('work()') };
  guarded = true;
  box.work = work;
  try {
    return { value: guard.script.runInContext(guard.context, { timeout: wall }) as T };
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

/** Whether an error is a stack overflow of V8; in regular expressions it is a SyntaxError. */
export function isStackOverflow(error: unknown): boolean {
  return (
    (error instanceof RangeError || error instanceof SyntaxError) &&
    /call stack|expression too large/i.test(error.message)
  );
}
