import type { SignedResult, SignedVerdict } from '../../model/verdict/index.ts';
import { resultVerdict } from '../../report/signed-table.ts';
import type { GateOutcome } from '../outcome.ts';

/** Asking who signed an image is a question by itself: that nothing is required does not answer it. */
const exitCodes: Readonly<Record<SignedVerdict, 0 | 1 | 4>> = {
  signed: 0,
  refused: 1,
  rejected: 1,
  unsigned: 4,
  not_required: 4,
};

export function signedOutcome(result: SignedResult): GateOutcome {
  const { verdict } = result;
  return { exitCode: exitCodes[verdict], reasons: verdict === 'signed' ? [] : [resultVerdict(result)] };
}
