import { discardAllUnfinished, watchUnfinished } from '../io/unfinished.ts';

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Removes unfinished files when a signal ends the process, which then ends by it as it would have. Only while there are some: Node
 * runs a listener between two pieces of work, and without one a signal ends a process at once.
 */
export function removeWhenEnded(): void {
  watchUnfinished((isPending) => {
    for (const signal of endings) {
      // First: listeners of one signal only are gone when those behind them are called.
      if (isPending) process.prependListener(signal, end);
      else process.off(signal, end);
    }
  });
}

function end(signal: NodeJS.Signals): void {
  // A command that ends itself, such as a server, removes its own.
  if (process.listenerCount(signal) > 1) return;
  discardAllUnfinished();
  process.off(signal, end);
  process.kill(process.pid, signal);
}
