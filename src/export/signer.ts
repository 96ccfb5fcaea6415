/** Makes detached OpenPGP signatures by a key that was given. */
export interface ExportSigner {
  /** Hex digits in capitals. */
  fingerprint: string;
  /** The public key, armored. */
  publicKey: string;
  /** An armored signature: the same for the same bytes. */
  sign(bytes: Uint8Array): Promise<string>;
}

/** Settings of an export besides the feed. */
export interface ExportSettings {
  /** Address below which the folder of exports is going to be served. */
  url?: string;
  /** The publisher, for CSAF. */
  publisher?: string;
  /** Opens the OpenPGP key that was given; `created` is the date of the data. */
  signer?(created: string): Promise<ExportSigner>;
}
