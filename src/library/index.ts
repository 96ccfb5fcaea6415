/**
 * The functions behind scapfeed's commands, for use from programs. Nothing here prints, exits the process, reads the process's
 * environment or keeps state between calls. Any number of calls may run at the same time.
 *
 * @packageDocumentation
 */

export { type ErrorCode, errorCodes, isScapfeedError, ScapfeedError } from '../model/error.ts';
export {
  type AttestationOptions,
  type AttestedSbomContent,
  type ReadAttachedVexOptions,
  type ReadAttestedSbomOptions,
  readAttachedVex,
  readAttestedSbom,
} from './attestations.ts';
export { type BuildOptions, type BuildResult, build } from './build.ts';
export { type BundleFeedOptions, bundleFeed } from './bundle.ts';
export { type CheckOptions, type CheckReport, type CheckResult, check } from './check.ts';
export { type CompareResultsOptions, compareResults, type ResultComparison } from './compare.ts';
export { type CompileContentOptions, type CompiledContent, compileContent } from './compile.ts';
export { type ComplianceReport, type ComplyOptions, comply } from './comply.ts';
export {
  diff,
  type FeedDiff,
  type FeedDiffOptions,
  type ImageDiff,
  type ImageDiffOptions,
  type InventoryDiff,
  type InventoryDiffOptions,
} from './diff.ts';
export {
  type BenchmarkResults,
  describeFile,
  type FileDescription,
  type OvalResults,
  type ReadResultsOptions,
  readResults,
} from './documents.ts';
export { type EvalOvalOptions, type EvaluationReport, evalOval } from './eval.ts';
export { type ExplainOptions, type Explanations, explain, type PackagesOfVulnerability } from './explain.ts';
export { type ExportFeedOptions, exportFeed, exportTargetNames } from './export.ts';
export { type OpenFeed, openFeed, type RebuildFeedOptions, rebuildFeed } from './feed.ts';
export { type FixScriptOptions, fixScript } from './fix.ts';
export {
  type AddToFleetOptions,
  addToFleet,
  type FleetImages,
  type FleetNews,
  type FleetNewsOptions,
  type FleetStatusOptions,
  type FleetStatusReport,
  fleetNews,
  fleetStatus,
  type ListFleetOptions,
  listFleet,
  removeFromFleet,
} from './fleet.ts';
export {
  type ExportFleetOptions,
  exportFleet,
  type ImportToFleetOptions,
  importToFleet,
  type PruneFleetOptions,
  pruneFleet,
} from './fleet-data.ts';
export { type FleetEvidenceOptions, fleetEvidence } from './fleet-evidence.ts';
export {
  type FleetRun,
  runFleet,
  type WorkForFleetOptions,
  workForFleet,
} from './fleet-run.ts';
export type { NewsReceiver, RunFleetOptions } from './fleet-run-options.ts';
export { type FleetServer, type ServeFleetOptions, serveFleet } from './fleet-serve.ts';
export { type Fleet, openFleet } from './fleet-store.ts';
export { fleetTokens, type MakeFleetTokenOptions, makeFleetToken, removeFleetToken } from './fleet-tokens.ts';
export {
  type EndFleetWaiverOptions,
  endFleetWaiver,
  type FleetWaivers,
  type FleetWaiversOptions,
  fleetWaivers,
  type WaiveInFleetOptions,
  waiveInFleet,
} from './fleet-waivers.ts';
export {
  type OpenImageOptions,
  openImage,
  type ReadSbomOptions,
  readInventory,
  readSbom,
  type SbomContent,
} from './image.ts';
export { type JudgeOptions, judge, type Scan, type VerdictOptions } from './judge.ts';
export {
  type KeyPlaces,
  listKeys,
  type MakeKeysOptions,
  makeKeys,
  type RevokeKeyOptions,
  type RotateKeysOptions,
  revokeKey,
  rotateKeys,
  type SignRootOptions,
  signRoot,
} from './keys.ts';
export type { GateResult } from './policy.ts';
export { type CheckPolicyOptions, checkPolicy } from './policy.ts';
export { type ContentProfilesOptions, type ListProfilesOptions, listProfiles } from './profiles.ts';
export type { AmountEvent, ProgressEvent, StepEvent } from './progress.ts';
export { type PublishOptions, publish } from './publish.ts';
export { type PullOptions, pull } from './pull.ts';
export { type Reported, type WriteReportOptions, writeReport } from './reports.ts';
export type { NetworkOptions, RunOptions } from './run.ts';
export type * from './shapes.ts';
export {
  type CheckSignaturesOptions,
  checkSignatures,
  type SignatureReport,
  type Signers,
} from './signatures.ts';
export { listSnapshots, type PruneSnapshotsOptions, pruneSnapshots } from './snapshots.ts';
export {
  contentGuide,
  listRules,
  type ProfileOptions,
  type TailoredSeverity,
  type TailorOptions,
  tailor,
  tailoringPage,
} from './tailor.ts';
export {
  type CheckedFeed,
  checkFeed,
  type ValidateFileOptions,
  type Validation,
  validateFile,
} from './validate.ts';
export { type FileVerification, type VerifyFilesOptions, verifyFiles } from './verify.ts';
