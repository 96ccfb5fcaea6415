export type { ScapDocumentKind } from './check-document.ts';
export { type Problem, remedies, type ViolatedRule } from './problem.ts';
export { type ValidateOptions, type ValidationReport, validateFile } from './validate-file.ts';
