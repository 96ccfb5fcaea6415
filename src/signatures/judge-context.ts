import type { RegistryReference } from '../image/reference.ts';
import type { SignedSubject, Signer } from '../model/verdict/index.ts';
import type { RequiredSigners } from './asked.ts';
import type { SignableSubject } from './subject.ts';

/** The context in which every signature is judged. */
export interface JudgeContext {
  image: readonly SignableSubject[];
  /** The name that the image goes by; undefined: it has none. */
  named: RegistryReference | undefined;
  asked: RequiredSigners;
  now: Date;
  /** Called with each attestation that meets the requirements. */
  onAttested?: (attestation: VerifiedAttestation) => void;
}

/** A statement about the image by an accepted signer. */
export interface VerifiedAttestation {
  predicateType: string;
  /** The statement in JSON, as it was signed. */
  statement: Buffer;
  /** Digest of the bundle or envelope. */
  digest: string;
  signer: Signer;
  at: SignedSubject;
}
