import type { FoundSignature } from '../model/verdict/index.ts';
import type { Candidate } from './find/find-signatures.ts';
import type { JudgeContext } from './judge-context.ts';
import { Refused } from './refused.ts';
import type { SignableSubject } from './subject.ts';

/** Judges one signature or attestation. */
export async function judge(
  candidate: Candidate<SignableSubject>,
  context: JudgeContext,
): Promise<FoundSignature> {
  const { form, place, digest, at } = candidate;
  const found = { form, place, digest, at: { kind: at.kind, digest: at.digest } };
  try {
    return { ...found, outcome: await outcomeOf(candidate, context) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { ...found, outcome: { state: 'refused', refusal: error.refusal } };
  }
}

/** The code of each form is loaded when there is one of it. */
async function outcomeOf(
  { form, at, content }: Candidate<SignableSubject>,
  context: JudgeContext,
): Promise<FoundSignature['outcome']> {
  if (content instanceof Refused) throw content;
  switch (form) {
    case 'notation': {
      const { checkNotary } = await import('./notary/check.ts');
      return checkNotary(content, at, context);
    }
    case 'simple-signing': {
      const { checkSimple } = await import('./simple/check.ts');
      return checkSimple(content, at, context);
    }
    default: {
      const { checkSigstore } = await import('./sigstore/check.ts');
      return checkSigstore(form, content, at, context);
    }
  }
}
