/** Why a signature proves nothing of this image to this user. Each has its own code, which stays as it is once released. */
export const refusals = {
  SIGNATURE_MALFORMED: 'it cannot be read, or lacks a part',
  SIGNATURE_MISSING: 'it is listed, but not there',
  SIGNATURE_TOO_LARGE: 'it is larger than signatures may be',
  SIGNATURE_FORM_UNKNOWN: 'it is of a form or version that is not read here',
  CONTENT_DIFFERS: 'its bytes are not those that its digest names',
  ATTACHED_TO_OTHER: 'what carries it says that it belongs to another image',
  SIGNS_OTHER: 'it signs another image',
  SIGNS_OTHER_PART: 'it signs the index where it stands at the manifest, or the other way round',
  SIGNATURE_WRONG: 'it is not by the key or certificate that it should be by',
  SIGNATURE_EXPIRED: 'its maker let it expire',
  SIGNS_OTHER_NAME: 'it signs the image under another name',
  KEY_EXPIRED: 'its key has expired or was revoked',
  SIGNER_OTHER_KIND: 'it is by another kind of signer than is asked for',
  CERTIFICATE_UNTRUSTED: 'no authority of the trusted root issued its certificate',
  CERTIFICATE_UNSUITABLE: 'its certificates are not made for signatures, or do not follow from each other',
  CERTIFICATE_EXPIRED: 'it was not made while its certificate was valid',
  CERTIFICATE_NOT_LOGGED: 'no trusted log of certificates has its certificate',
  IDENTITY_OTHER: 'somebody else signed',
  ISSUER_OTHER: "somebody else vouches for the signer's name",
  LOG_ENTRY_MISSING: 'too few entries of trusted logs',
  LOG_ENTRY_TWICE: 'one entry of a log is given twice',
  LOG_ENTRY_OTHER: 'an entry of the log is of another signature',
  LOG_PROOF_WRONG: 'an entry is not proven to be in a trusted log',
  TIME_MISSING: 'too few proven times of signing',
  TIME_WRONG: 'a time of signing is not proven by what should prove it',
  TIME_IN_FUTURE: 'its time of signing is still to come',
  REVOCATION_UNCHECKED:
    'its certificates can be revoked, and whether they are cannot be known without a network',
} as const;

export type RefusalCode = keyof typeof refusals;

/** Why a signature was refused. */
export interface Refusal {
  code: RefusalCode;
  /** What was expected and what was found. */
  message: string;
}

/** What was signed: an image for one platform, or the index that it was chosen from. */
export interface SignedSubject {
  kind: 'index' | 'manifest';
  digest: string;
}

/** How signatures are kept beside an image. */
export type SignatureForm =
  | 'sigstore-bundle'
  | 'cosign-signature'
  | 'cosign-attestation'
  | 'notation'
  | 'simple-signing';

/** How a signature was found. */
export type SignaturePlace = 'referrer' | 'fallback-tag' | 'legacy-tag' | 'layout' | 'lookaside';

/** Who signed, as verified; the facts of a build are what the authority wrote into the certificate. */
export type Signer =
  | { kind: 'key'; key: string; file: string }
  | {
      kind: 'certificate';
      identity: string;
      issuer: string;
      /** Repository, commit and reference that the signing workflow was built from. */
      source?: { repository?: string; commit?: string; reference?: string };
      /** The run of the workflow. */
      run?: string;
    }
  /** A certificate for people and organisations, below one that the user trusts; without one the policy only logs that. */
  | { kind: 'x509'; subject: string; trusted?: string; file?: string }
  | { kind: 'openpgp'; fingerprint: string; user?: string; file: string };

/** When it was signed, and who says so. */
export interface ProvenTime {
  at: string;
  by: 'log' | 'timestamp-authority' | 'signing-authority';
}

/** What an attestation says of the image, as verified. */
export interface AttestedFacts {
  predicateType: string;
  builder?: string;
  source?: string;
  materials: readonly string[];
}

/** Facts of a verified signature. */
export interface VerifiedSignature {
  signer: Signer;
  times: readonly ProvenTime[];
  /** Places in transparency logs, as proven; absent: entries were not looked at. */
  log?: readonly { index: string; id: string }[];
  statement?: AttestedFacts;
  /** The name that the image was signed under. */
  name?: string;
  /** What a check of this kind of signature has, and this one had not, because it needs a network. */
  unchecked?: readonly 'revocation'[];
  /** What would have refused it, had the policy not asked to log it only. */
  logged?: readonly Refusal[];
}

/** One signature or attestation that was found, and what became of it. */
export interface FoundSignature {
  form: SignatureForm;
  place: SignaturePlace;
  /** Digest of the bundle, payload or envelope. */
  digest: string;
  /** What it was found at. */
  at: SignedSubject;
  /** Position, from 1 on, of the requirement that it was judged by; absent: there is one only. */
  requirement?: number;
  outcome:
    | ({ state: 'verified' } & VerifiedSignature)
    | { state: 'refused'; refusal: Refusal }
    /** Of a kind that was not asked for; nothing of it was checked. */
    | { state: 'not_asked'; what: string };
}

/**
 * `unsigned`: there is nothing of the kind that is asked for. `rejected`: the policy admits no image of this scope.
 * `not_required`: the policy asks for no proof of who signed, and there is none.
 */
export type SignedVerdict = 'signed' | 'refused' | 'unsigned' | 'rejected' | 'not_required';

/** Whether an image is signed by whom the user asks for. */
export interface SignedResult {
  format: 'scapfeed/signed/1';
  tool: string;
  image: { reference: string; subjects: readonly SignedSubject[] };
  /** The policy, and the scope of it that holds for this image; absent: options say what is asked for. */
  policy?: { file: string; scope: string };
  /** What was asked for, in words. */
  asked: readonly string[];
  verdict: SignedVerdict;
  signatures: readonly FoundSignature[];
  /** Attached manifests of other kinds. */
  otherAttachments: number;
}

/** One signature as a gate tells it; `signed` tells all of it. */
export interface GatedSignature {
  form: SignatureForm;
  place: SignaturePlace;
  digest: string;
  at: SignedSubject;
  requirement?: number;
  state: FoundSignature['outcome']['state'];
  /** Who signed, if verified: a name and its issuer, a subject, the digest of a key, a fingerprint. */
  signer?: string;
  /** Why it was refused. */
  refusal?: Refusal;
}

/** What a gate on signatures found of an image. */
export interface SignatureGate {
  verdict: SignedVerdict;
  policy?: { file: string; scope: string };
  /** What was asked for, in words. */
  asked: readonly string[];
  /** What of the image the signatures could be of. */
  subjects: readonly SignedSubject[];
  signatures: readonly GatedSignature[];
}

/** What a gate ends with. A policy that asks for no proof is satisfied without one; `signed` says that there is none. */
export const gateExitCodes: Readonly<Record<SignedVerdict, 0 | 1 | 4>> = {
  signed: 0,
  not_required: 0,
  refused: 1,
  rejected: 1,
  unsigned: 4,
};
