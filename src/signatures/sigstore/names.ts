/** What cosign 3 signs when it signs an image: a statement that says nothing but its subject. */
export const signaturePredicate = 'https://sigstore.dev/cosign/sign/v1';

export const statementType = 'https://in-toto.io/Statement/v1';

/** The newest form of bundle. */
export const bundleMediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
