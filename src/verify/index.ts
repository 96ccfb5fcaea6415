export { type VerifyInput, type VerifyOptions, verifyFiles } from './verify-files.ts';
export { verifyInspection, verifyWanted } from './wanted.ts';
