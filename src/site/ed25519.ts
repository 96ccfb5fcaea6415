import { ed25519 } from '@noble/curves/ed25519.js';

/** Loaded by the page where WebCrypto lacks Ed25519. As strict as WebCrypto: without the leniency of ZIP 215. */
Object.assign(globalThis, {
  scapfeedEd25519: (signature: Uint8Array, message: Uint8Array, key: Uint8Array) =>
    signature.length === 64 && ed25519.verify(signature, message, key, { zip215: false }),
});
