/** Algorithms that the Notary Project allows. */
export const algorithms = ['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'] as const;

export type Algorithm = (typeof algorithms)[number];

/** The content of both forms of envelope. Nothing of it is verified yet. */
export interface Envelope {
  algorithm: Algorithm;
  payload: Buffer;
  /** The bytes that the signature is over. */
  signed: Buffer;
  signature: Buffer;
  /** DER, leaf first. */
  certificates: readonly Buffer[];
  attributes: SignedAttributes;
  /** A token of a timestamp authority over the signature. It is not signed with the rest. */
  timestamp: Buffer | undefined;
}

/** Signed attributes by the names that the specification gives them; times in milliseconds. */
export interface SignedAttributes {
  contentType: unknown;
  critical: readonly unknown[];
  scheme: unknown;
  authenticSigningTime: number | undefined;
  expiry: number | undefined;
}

/** Beside the signed attributes. */
export const timestampName = 'io.cncf.notary.timestampSignature';

export const attributeNames = {
  scheme: 'io.cncf.notary.signingScheme',
  authenticSigningTime: 'io.cncf.notary.authenticSigningTime',
  expiry: 'io.cncf.notary.expiry',
} as const;
