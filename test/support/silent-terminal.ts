import { failureLines } from '../../src/cli/failure.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

/** A terminal for commands that run in the test's own process: what `out` and `err` do not take is gone. */
export function silentTerminal(
  env: Terminal['env'],
  { out = () => undefined, err = () => undefined }: Partial<Pick<Terminal, 'out' | 'err'>> = {},
): Terminal {
  return {
    out,
    document: out,
    err,
    note: err,
    failure: (error, target) => failureLines(error, target).forEach(err),
    progress: () => undefined,
    measure: () => ({ seconds: 0, peakMemory: 0, steps: [] }),
    color: false,
    links: false,
    env,
  };
}
