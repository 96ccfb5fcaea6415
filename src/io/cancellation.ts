import type { AsyncLocalStorage } from 'node:async_hooks';

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

/** Lets the process do other things between two parts of long work, and ends it if it was cancelled meanwhile. */
export async function breathe(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  checkCancelled();
}
