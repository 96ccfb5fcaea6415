/** The predicate type of a statement by which cosign 3 signs an image: it has nothing but its subject. */
export const signaturePredicate = 'https://sigstore.dev/cosign/sign/v1';

export const statementType = 'https://in-toto.io/Statement/v1';

/** The newest form of bundle. */
export const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
