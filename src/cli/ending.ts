import { writeSync } from 'node:fs';
import { line } from '../report/printable.ts';
import { failureLines } from './failure.ts';

/**
 * However the process ends without an answer, it says so and ends with 2. Left to itself, Node ends with 1 ("flaws found")
 * after an error that nobody caught, and with 0 ("fine") when nothing is left that could still make a result.
 */
export function guardEnding(): void {
  process.exitCode = 2;
  process.on('uncaughtException', endWith);
  // Also where NODE_OPTIONS asks Node to warn only.
  process.on('unhandledRejection', endWith);
  process.once('beforeExit', () => endWith(new Error('ended before there was a result')));
}

function endWith(error: unknown): never {
  try {
    writeSync(2, failureLines(error).map(line).join(''));
  } catch {
    // Nobody reads stderr: the exit code stands.
  }
  process.exit(2);
}
