export { type Compliance, comply, complyInSteps } from './comply.ts';
export { compileContent } from './content/compile.ts';
export { type ContentDescription, describeContent } from './content/describe.ts';
export type { LoadedContent } from './content/load.ts';
export { openContent, readContentFile } from './content/open-content.ts';
export { readContent } from './content/read-content.ts';
export {
  type BucketLines,
  compileOval,
  compileOvalPieces,
  diagnosed,
  type Evaluated,
  evaluateOval,
  evaluateOvalInSteps,
  type IndexBeside,
  type IndexedFile,
  isCompiledOval,
  isOvalDefinitions,
  loadCompiledOval,
  type OvalContent,
  readOvalContent,
  type ScannedInfo,
  type WrittenElements,
  type WrittenFile,
  XmlProblem,
} from './eval/index.ts';
export { asContainer } from './files/container-view.ts';
export { joinWanted, type WantedByChecks, wantedInspection, wantedPredicate } from './files/wanted-files.ts';
export type { ExternalVariables } from './oval/model.ts';
export { readOvalVariables } from './oval/read-variables.ts';
export type { ImageSystem } from './probes/probe.ts';
export { policyOf } from './result/policy.ts';
export { profileRules, type RemediationType, remediate, remediationTypes } from './result/remediation.ts';
export { documentInfo } from './results/document-info.ts';
export type { DocumentInfo } from './results/read-results.ts';
export { type ReadResults, readResults } from './results/read-results.ts';
export type { RuleAnswer } from './xccdf/evaluate.ts';
export { findProfile, noProfiles, profilesOf, shortId } from './xccdf/find-profile.ts';
export { isRuleResult } from './xccdf/rule-result.ts';
export {
  idleRules,
  type ListedRule,
  listRules,
  type TailoringRequest,
  tailorProfile,
} from './xccdf/tailor.ts';
