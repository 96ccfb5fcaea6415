import { writeSync } from 'node:fs';
import { line } from '../report/printable.ts';
import { failureLines } from './failure.ts';

/**
 * A process that ends without an answer reports that and exits with 2. By default, Node exits with 1 ("flaws found") after an
 * uncaught error, and with 0 ("fine") when its event loop runs empty before there is a result.
 */
export function guardEnding(): void {
  process.exitCode = 2;
  process.on('uncaughtException', endWith);
  // Even if NODE_OPTIONS asks Node to warn only.
  process.on('unhandledRejection', endWith);
  process.once('beforeExit', () => endWith(new Error('ended before there was a result')));
}

function endWith(error: unknown): never {
  try {
    writeSync(2, failureLines(error).map(line).join(''));
  } catch {
    // stderr is closed; the exit code is enough.
  }
  process.exit(2);
}
