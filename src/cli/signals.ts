import { rmSync } from 'node:fs';

/** Removes a file when a signal ends the process, which then ends by it as it would have. */
export function removeWhenEnded(path: string): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      rmSync(path, { force: true });
      process.kill(process.pid, signal);
    });
}
