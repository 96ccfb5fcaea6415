import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Steps } from '../model/progress.ts';
import { currentTime } from './clock.ts';

let signals: AsyncLocalStorage<AbortSignal> | undefined;

/**
 * Runs work that can be cancelled: whatever reads, fetches or waits below it looks at the signal, however deep it lies. Once the
 * signal is aborted, the work fails with its reason, whatever it made of that on the way.
 */
export async function withSignal<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  // The command never cancels, and does not pay for it.
  signals ??= new (process.getBuiltinModule('node:async_hooks').AsyncLocalStorage)<AbortSignal>();
  try {
    return await signals.run(signal, work);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

/** The signal of the work that this is called in. */
export function workSignal(): AbortSignal | undefined {
  return signals?.getStore();
}

/** Ends work that was cancelled. */
export function checkCancelled(): void {
  signals?.getStore()?.throwIfAborted();
}

/** Milliseconds of work after which other things have their turn. */
const patience = 20;

/** Does work that pauses to its end. Now and then the process does other things, and the work ends if it was cancelled meanwhile. */
export async function finish<T>(steps: Steps<T>): Promise<T> {
  let last = currentTime().getTime();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (Math.abs(currentTime().getTime() - last) < patience) continue;
    await breathe();
    last = currentTime().getTime();
  }
}

/** Lets the process do other things between two parts of long work, and ends it if it was cancelled meanwhile. */
export async function breathe(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  checkCancelled();
}
