export { attachSignature } from './attach-signature.ts';
export { openCosignKey } from './cosign-key.ts';
