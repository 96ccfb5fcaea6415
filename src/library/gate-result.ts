import type { GateOutcome } from '../tasks/outcome.ts';

/** The outcome of a gate: that of the command with the same options. */
export interface GateResult<Code extends number = 0 | 1 | 4> {
  /** 0: fine; 1: what the gate fails for was found; 4: something could not be judged. */
  readonly exitCode: Code;
  /** Sentences for a log. Empty if there is nothing to say. */
  readonly reasons: readonly string[];
}

/** @internal */
export function gateResult<Code extends number>({
  exitCode,
  reasons,
  error,
}: GateOutcome<Code>): GateResult<Code> {
  return { exitCode, reasons: error ? [...reasons, error.message] : reasons };
}
