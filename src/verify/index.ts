export { type VerifyInput, type VerifyOptions, verifyFiles, verifyFilesInSteps } from './verify-files.ts';
export { verifyInspection, verifyWanted } from './wanted.ts';
