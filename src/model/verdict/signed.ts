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
  /** The expected and the actual value. */
  message: string;
}

/** The signed object: an image for one platform, or the index that contains it. */
export interface SignedSubject {
  kind: 'index' | 'manifest';
  digest: string;
}

/** The format of a signature attached to an image. */
export type SignatureForm =
  | 'sigstore-bundle'
  | 'cosign-signature'
  | 'cosign-attestation'
  | 'notation'
  | 'simple-signing';

/** Where a signature was found. */
export type SignaturePlace = 'referrer' | 'fallback-tag' | 'legacy-tag' | 'layout' | 'lookaside';

/** The verified signer. The facts of a build are those that the authority wrote into the certificate. */
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
  /**
   * A certificate for a person or organization, issued below a certificate that the user trusts. Without `trusted`, the policy
   * only logs that there is none.
   */
  | { kind: 'x509'; subject: string; trusted?: string; file?: string }
  | { kind: 'openpgp'; fingerprint: string; user?: string; file: string };

/** The name of a signer in reports: a key's file or digest as `key` has it, an identity with its issuer, a subject, a fingerprint. */
export function signerText(signer: Signer): string {
  switch (signer.kind) {
    case 'key':
      return signer.key;
    case 'certificate':
      return `${signer.identity} (${signer.issuer})`;
    case 'x509':
      return signer.subject;
    case 'openpgp':
      return signer.fingerprint;
  }
}

/** When it was signed, and who attests to the time. */
export interface ProvenTime {
  at: string;
  by: 'log' | 'timestamp-authority' | 'signing-authority';
}

/** The verified contents of an attestation. */
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
  /** Proven entries in transparency logs. Absent if entries were not checked. */
  log?: readonly { index: string; id: string }[];
  statement?: AttestedFacts;
  /** The name that the image was signed under. */
  name?: string;
  /** Checks that were skipped because they need a network. */
  unchecked?: readonly 'revocation'[];
  /** Reasons to refuse the signature that the policy only logs. */
  logged?: readonly Refusal[];
}

/** A signature or attestation that was found, and the result of its verification. */
export interface FoundSignature {
  form: SignatureForm;
  place: SignaturePlace;
  /** Digest of the bundle, payload or envelope. */
  digest: string;
  /** The object it was found at. */
  at: SignedSubject;
  /** Number, from 1 on, of the requirement that it was checked against. Absent if there is only one. */
  requirement?: number;
  outcome:
    | ({ state: 'verified' } & VerifiedSignature)
    | { state: 'refused'; refusal: Refusal }
    /** Of a kind that was not requested. It was not verified. */
    | { state: 'not_asked'; what: string };
}

/**
 * The verdict of a signature check. `unsigned`: nothing of the required kind was found. `rejected`: the policy admits no image of
 * this scope. `not_required`: the policy requires no signature, and there is none.
 */
export type SignedVerdict = 'signed' | 'refused' | 'unsigned' | 'rejected' | 'not_required';

/** The result of checking an image's signatures. */
export interface SignedResult {
  format: 'scapfeed/signed/1';
  tool: string;
  image: { reference: string; subjects: readonly SignedSubject[] };
  /** The policy and its scope for this image. Absent if options give the requirements. */
  policy?: { file: string; scope: string };
  /** The requirements, in words. */
  asked: readonly string[];
  verdict: SignedVerdict;
  signatures: readonly FoundSignature[];
  /** Attached manifests of other kinds. */
  otherAttachments: number;
}

/** The summary of a signature in a gate's result. `signed` shows it in full. */
export interface GatedSignature {
  form: SignatureForm;
  place: SignaturePlace;
  digest: string;
  at: SignedSubject;
  requirement?: number;
  state: FoundSignature['outcome']['state'];
  /** The verified signer: a name and its issuer, a subject, the digest of a key, a fingerprint. */
  signer?: string;
  /** Why it was refused. */
  refusal?: Refusal;
}

/** The result of a signature gate for an image. */
export interface SignatureGate {
  verdict: SignedVerdict;
  policy?: { file: string; scope: string };
  /** The requirements, in words. */
  asked: readonly string[];
  /** The digests of the image that signatures may refer to. */
  subjects: readonly SignedSubject[];
  signatures: readonly GatedSignature[];
}

/** Exit codes of a gate. A policy that requires no signature is satisfied without one; `signed` reports that there is none. */
export const gateExitCodes: Readonly<Record<SignedVerdict, 0 | 1 | 4>> = {
  signed: 0,
  not_required: 0,
  refused: 1,
  rejected: 1,
  unsigned: 4,
};

/** One entry of `signed` in scapfeed.yaml: who must have signed which images. schemas/policy.schema.json describes it. */
export interface SignedRule {
  /** Hosts, namespaces, repositories or names with a tag; `*`: all. The narrowest that fits counts alone. */
  images: readonly string[];
  /** Any one is enough. Files are relative to the policy; `feed:NAME` are those that a feed brought. */
  by?: readonly SignedBy[];
  /** Authorities and logs for names; with keys, a log entry is asked for too. */
  'trusted-root'?: string;
  'log-entries'?: number;
  timestamps?: number;
  /** No signature is asked for, or none is enough. */
  admit?: 'any' | 'none';
}

/** Exactly one of its members, an identity with its issuer. */
export interface SignedBy {
  key?: string;
  identity?: string;
  issuer?: string;
  certificate?: string;
  openpgp?: string;
}

/** Flaws that an issuer of VEX may lift. */
export interface VexRule extends Pick<SignedRule, 'trusted-root' | 'log-entries' | 'timestamps'> {
  /** Any one of them. */
  by: readonly VexParty[];
  /** As in `signed`. Empty: all. */
  images: readonly string[];
  /** Package URLs of installed packages or of their sources, without version and qualifiers; `*` stands for any text. */
  purls: readonly string[];
  statuses: readonly ('not_affected' | 'fixed')[];
}

/** A signer, or exactly one other issuer. */
export interface VexParty extends SignedBy {
  /** Real path, without links, from the policy's folder; `*` and `**` as in file names. */
  file?: string;
  /** Name of a VEX repository of the feed. */
  repository?: string;
  /** Documents of `--vex oci`, by whoever can write to the image's repository. */
  attached?: true;
}
