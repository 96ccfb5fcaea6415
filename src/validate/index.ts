export type { DocumentKind } from './check-document.ts';
export { type Problem, type Rule, remedies } from './problem.ts';
export { type ValidateOptions, type ValidationReport, validateFile } from './validate-file.ts';
