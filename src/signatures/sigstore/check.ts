import type { FoundSignature } from '../../model/verdict/index.ts';
import { digestOf } from '../../registry/digest.ts';
import type { RequiredSigners } from '../asked.ts';
import type { Candidate } from '../find/find-signatures.ts';
import type { JudgeContext } from '../judge-context.ts';
import { requireName } from '../name-rule.ts';
import type { SignableSubject } from '../subject.ts';
import { signaturePredicate } from './names.ts';
import { readBundle } from './read-bundle.ts';
import { readLegacyAttestation, readLegacySignature } from './read-legacy.ts';
import type { SigstoreSignature } from './signature.ts';

import { verifySigstore } from './verify.ts';

/** Checks one bundle, or signature or attestation of cosign's, whose bytes are there. Throws Refused. */
export function checkSigstore(
  form: SigstoreForm,
  content: Content,
  at: SignableSubject,
  { image, named, asked, now, onAttested }: JudgeContext,
): FoundSignature['outcome'] {
  const signature = readers[form](content, at, image);
  const what = kindOf(signature);
  if (!isAsked(what, asked)) return { state: 'not_asked', what };
  const verified = verifySigstore(signature, asked, now);
  const { name } = signature;
  if (asked.name) requireName(asked.name, name, named);
  const { statement } = signature;
  if (statement && asked.predicateTypes) {
    const { predicateType, payload } = statement;
    const { kind, digest } = at;
    onAttested?.({
      predicateType,
      statement: payload,
      digest: digestOf(content.bytes),
      signer: verified.signer,
      at: { kind, digest },
    });
  }
  return { state: 'verified', ...verified, ...(name !== undefined && { name }) };
}

type SigstoreForm = 'sigstore-bundle' | 'cosign-signature' | 'cosign-attestation';

type Content = Exclude<Candidate['content'], Error>;

type Reader = (content: Content, at: SignableSubject, image: readonly SignableSubject[]) => SigstoreSignature;

const readers: Readonly<Record<SigstoreForm, Reader>> = {
  'sigstore-bundle': ({ bytes }, at, image) => readBundle(bytes, at, image),
  'cosign-signature': readLegacySignature,
  'cosign-attestation': readLegacyAttestation,
};

/** `signature`, or the type of an attestation. */
function kindOf({ statement }: SigstoreSignature): string {
  return statement && statement.predicateType !== signaturePredicate ? statement.predicateType : 'signature';
}

function isAsked(what: string, { predicateTypes }: RequiredSigners): boolean {
  if (!predicateTypes) return what === 'signature';
  return predicateTypes.some((type) => what === type || what.startsWith(`${type}/`));
}
