import { gateExitCodes, refusals, type SignatureGate, type SignedVerdict } from '../model/verdict/index.ts';
import { plural } from './text-table.ts';

/** Whether an image is signed as required, in a sentence. */
export function signedVerdict(verdict: SignedVerdict, states: readonly string[]): string {
  const verified = states.filter((state) => state === 'verified').length;
  const refused = states.filter((state) => state === 'refused').length;
  const besides = refused > 0 ? `; ${plural(refused, 'other is', 'others are')} refused` : '';
  switch (verdict) {
    case 'signed':
      return `signed as required: ${plural(verified, 'signature')} verified${besides}`;
    case 'refused':
      return `not signed as required: ${plural(refused, 'signature is', 'signatures are')} refused`;
    case 'unsigned':
      return states.length > 0
        ? 'not signed: nothing of the required kind was found'
        : 'not signed: no signature was found';
    case 'rejected':
      return 'rejected: the policy admits no image here';
    case 'not_required':
      return 'who signed is not proven: the policy does not ask for it';
  }
}

/** The same for what a gate found, with the reasons of a refusal. */
export function gateVerdict({ verdict, signatures }: SignatureGate): string {
  const text = signedVerdict(
    verdict,
    signatures.map(({ state }) => state),
  );
  if (verdict !== 'refused') return text;
  const reasons = signatures.flatMap(({ refusal }) =>
    refusal ? [`${refusal.code}: ${refusals[refusal.code]} (${refusal.message})`] : [],
  );
  const [first, ...others] = new Set(reasons);
  const more =
    others.length > 0
      ? `; and ${plural(others.length, 'other reason')}, which \`scapfeed signed\` lists`
      : '';
  return `${text}: ${first}${more}`;
}

/**
 * Why an image is not signed as a gate requires; undefined: it is, or nothing is required. `isUnknown`: nobody of whom that is
 * known has signed.
 */
export function signatureFault({
  signed,
}: {
  signed?: SignatureGate;
}): { verdict: SignedVerdict; isUnknown: boolean; text: string } | undefined {
  const code = signed ? gateExitCodes[signed.verdict] : 0;
  if (!signed || code === 0) return undefined;
  return { verdict: signed.verdict, isUnknown: code === 4, text: gateVerdict(signed) };
}
