import type { ManyResults } from '../report/many/results.ts';
import type { TaskReports } from '../tasks/formats.ts';
import type { GateOutcome } from '../tasks/outcome.ts';
import type { TargetChoice } from './options/targets.ts';
import type { OutputChoice } from './outputs.ts';
import type { Terminal } from './terminal.ts';

/** A command's result for an image, as long as that is open. */
export interface TargetResult<Found> {
  /** The input of the report formats. */
  found: Found;
  /** Writes the messages to stderr that follow the reports, and returns the exit code. */
  end(terminal: Pick<Terminal, 'err'>): number;
}

/** A command that takes one image or several. */
export interface TargetRun<
  Format extends string,
  Found extends { name: string },
  Facts,
  Many extends ManyResults<Facts>,
> {
  command: string;
  asked: TargetChoice;
  outputs: readonly OutputChoice<Format>[];
  reports: TaskReports<Format, Found, Facts, Many>;
  terminal: Terminal;
  /** The user says what an image fails for. */
  isGated: boolean;
  /** Opens an image and judges it; `use` has it as long as it is open. `name` distinguishes it from others of the run. */
  judge<T>(
    reference: string,
    terminal: Terminal,
    use: (result: TargetResult<Found>) => Promise<T>,
    name?: string,
  ): Promise<T>;
}

/** Prints the reasons of an outcome to stderr and returns its exit code. @throws {ScapfeedError} the outcome's error */
export function concluded(
  { exitCode, reasons, error }: GateOutcome<number>,
  { err }: Pick<Terminal, 'err'>,
): number {
  for (const reason of reasons) err(reason);
  if (error) throw error;
  return exitCode;
}
