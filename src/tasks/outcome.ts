import { isScapfeedError, type ScapfeedError } from '../model/error.ts';
import { gateExitCodes, type SignatureGate } from '../model/verdict/index.ts';
import { gateVerdict } from '../report/signed-verdict.ts';

/** Result of a task's gate, the same for the command and the library. */
export interface GateOutcome<Code extends number = 0 | 1 | 4> {
  /** 0: fine; 1: the gate found what it fails for; 4: something could not be judged, whatever else was found. */
  exitCode: Code;
  /** One sentence each, in the order of the checks. */
  reasons: readonly string[];
  /** Why the result does not describe the image, or not all of it. The command reports it as its error. */
  error?: ScapfeedError;
}

/** Spelling of an option for the caller: `failOn` is `--fail-on` for the command and `failOn` in the library. */
export type OptionSpelling = (option: string) => string;

export const flagNames: OptionSpelling = (option) => `--${optionName(option)}`;

export const parameterNames: OptionSpelling = (option) => option;

/** @returns `fail-on` for `failOn` */
export function optionName(parameter: string): string {
  return parameter.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The outcome with the requirement on signatures added: 4 before 1. */
export function withSignatures(outcome: GateOutcome, signed: SignatureGate | undefined): GateOutcome {
  const code = signed ? gateExitCodes[signed.verdict] : 0;
  if (!signed || code === 0) return outcome;
  return {
    ...outcome,
    exitCode: worst(outcome.exitCode, code),
    reasons: [...outcome.reasons, `signatures: ${gateVerdict(signed)}`],
  };
}

/** 4 before 1 before 0. */
export function worst(...codes: readonly GateOutcome['exitCode'][]): GateOutcome['exitCode'] {
  return codes.includes(4) ? 4 : codes.includes(1) ? 1 : 0;
}

/** The error that a check throws; undefined: it passes. Other exceptions are not caught. */
export function errorOf(check: () => void): ScapfeedError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (isScapfeedError(error)) return error;
    throw error;
  }
}
