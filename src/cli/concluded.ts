import type { GateOutcome } from '../tasks/outcome.ts';
import type { Terminal } from './terminal.ts';

/** Prints the reasons of an outcome to stderr and returns its exit code. @throws {ScapfeedError} the outcome's error */
export function concluded(
  { exitCode, reasons, error }: GateOutcome<number>,
  { err }: Pick<Terminal, 'err'>,
): number {
  for (const reason of reasons) err(reason);
  if (error) throw error;
  return exitCode;
}
