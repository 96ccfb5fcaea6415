// The shapes that options and results are made of; index.ts exports them all.

export type { ComparedResults, Difference } from '../compare/compare.ts';
export type { DocumentInfo, ListedRule, RemediationType, remediationTypes } from '../comply/index.ts';
export type { InexactEntry, PlatformInexact } from '../export/rows/inexact.ts';
export type { ExportReport } from '../export/write-exports.ts';
export type { OvalFile, OvalReport } from '../feed/oval/write-oval.ts';
export type { Shard } from '../feed/read/feed.ts';
export type { ShardTables } from '../feed/read/shard-records.ts';
export type { Shrinkage } from '../feed/shrinkage.ts';
export type { DeliveryKind, deliveryKinds } from '../fleet/delivery/kinds.ts';
export type { ExportedInventories } from '../fleet/store/exports.ts';
export type { InventoryDocument } from '../fleet/store/images.ts';
export type { Pruned as PrunedFleet } from '../fleet/store/prune.ts';
export type { Token, TokenRole, tokenRoles } from '../fleet/store/tokens.ts';
export type { FleetVerifying, fleetVerifying } from '../fleet/verifying.ts';
export type { ImageLimits } from '../image/limits.ts';
export type {
  ComplianceEvidence,
  ComplianceFix,
  ComplianceResult,
  ComplianceRule,
  RuleFix,
  RuleRange,
  VerdictRule,
} from '../model/compliance/compliance.ts';
export type {
  DefinitionClass,
  DefinitionResult,
  definitionClasses,
  definitionResults,
  EvaluatedDefinition,
  OvalContentInfo,
  OvalDocumentInfo,
  OvalEvaluation,
} from '../model/compliance/oval-evaluation.ts';
export type { ErrorDetails } from '../model/error.ts';
export type {
  Assessment,
  Epss,
  EuExploited,
  Exploited,
  Rating,
  Score,
  Ssvc,
  Urgency,
} from '../model/feed/assessment.ts';
export type {
  AcceptedGate,
  ClaimKind,
  FeedInput,
  FeedOutput,
  FeedPlatform,
  FeedSource,
  HeldGate,
  Manifest,
  OwnField,
  PackageRecord,
  ShardClaim,
  ShardLine,
  SourceTerms,
  StoredClaim,
} from '../model/feed/feed.ts';
export type { FeedContent, FeedProfile } from '../model/feed/feed-content.ts';
export type { FindingSummary, UnreadRecord } from '../model/feed/finding.ts';
export type { LifePhase } from '../model/feed/platform.ts';
export type { Severity, severities } from '../model/feed/severity.ts';
export type { SideRating } from '../model/feed/severity-decision.ts';
export type { EvidenceWriter, FixState, Status, Subject } from '../model/feed/statement.ts';
export type { Advisory, VendorScore, Vulnerability } from '../model/feed/vulnerability.ts';
export type {
  EvidenceAbsence,
  EvidenceEvent,
  EvidenceFeed,
  EvidenceImage,
  EvidenceName,
  EvidenceNight,
  EvidencePackage,
  EvidenceUnknown,
  EvidenceVerdict,
  EvidenceWaiver,
  FleetEvidence,
} from '../model/fleet/evidence.ts';
export type { FlawCounts, FleetGap, ListedImage } from '../model/fleet/list.ts';
export type {
  NewsCause,
  NewsDocument,
  NewsItem,
  NewsKind,
  newsCauses,
  newsKinds,
  RunNews,
} from '../model/fleet/news.ts';
export type { FleetRunSummary, HeldData, RunPull } from '../model/fleet/run.ts';
export type { FleetStatus, UnsentNews } from '../model/fleet/status.ts';
export type { ListedWaiver, Waiver, WaiverState } from '../model/fleet/waiver.ts';
export type { BaseImage, BaseImages, BaseStanding } from '../model/inventory/base-image.ts';
export type { FileFormat } from '../model/inventory/file-format.ts';
export type {
  DigestAlgorithm,
  DirectoryEntry,
  FileStat,
  FileVersion,
  FileView,
  Image,
  ImageKind,
  RandomAccess,
} from '../model/inventory/file-view.ts';
export type {
  DatabaseKind,
  DatabaseType,
  GoProgram,
  ImageProduct,
  InstalledPackage,
  Inventory,
  InventoryNote,
  LanguagePackage,
  Layer,
  NamelessPackage,
  OsRelease,
  PackageDatabase,
  PackageFile,
  PackageOwner,
  UnjudgedPackages,
  Unstated,
} from '../model/inventory/inventory.ts';
export type { Comparison } from '../model/order.ts';
export type {
  BaselineUse,
  EntryUse,
  Exceptions,
  Ignored,
  PolicyUse,
  UnusedStatement,
  VexIssuer,
  VexUse,
} from '../model/verdict/exception.ts';
export type {
  AssessmentOrigin,
  FeedOrigin,
  Gap,
  HiddenClass,
  PolicyOutcome,
  ScanResult,
  ViewedVerdict,
} from '../model/verdict/scan-result.ts';
export type {
  AttestedFacts,
  FoundSignature,
  GatedSignature,
  ProvenTime,
  Refusal,
  SignatureForm,
  SignatureGate,
  SignaturePlace,
  SignedBy,
  SignedResult,
  SignedSubject,
  SignedVerdict,
  Signer,
  VerifiedSignature,
  VexParty,
  VexRule,
} from '../model/verdict/signed.ts';
export type { Uncovered, UncoveredPackage, Verdict } from '../model/verdict/verdict.ts';
export type {
  AcceptedDeviation,
  Deviation,
  ExecutableKind,
  PrivilegedFile,
  RightsOrigin,
  UnverifiedReason,
  Verification,
} from '../model/verdict/verification.ts';
export type { BundleOutcome } from '../publish/bundle/write-bundle.ts';
export type {
  AssessmentChanges,
  ExploitedChange,
  RatedAs,
  RatingChange,
} from '../publish/changes/assessment-changes.ts';
export type {
  ChangeKind,
  changeKinds,
  PlatformChanges,
  Standing,
  StatementChange,
} from '../publish/changes/changes.ts';
export type { ChangesDocument } from '../publish/changes/document.ts';
export type { PushedTrivy } from '../publish/exports/push-trivy.ts';
export type { GateFinding, GateLimits, Sentinel } from '../publish/gates/gates.ts';
export type { GateAcceptance, GateReport, KeptInput } from '../publish/gates/report.ts';
export type { KeyRole, KeyType, keyTypes, roles } from '../publish/keys/key-file.ts';
export type { RootOutcome } from '../publish/keys/root.ts';
export type { Publication } from '../publish/oci/history.ts';
export type { OciPublishOutcome } from '../publish/oci/publish-oci.ts';
export type { BlobCount, PushOutcome } from '../publish/oci/push-site.ts';
export type { Removal } from '../publish/oci/remove-old.ts';
export type { PublishOutcome } from '../publish/publish.ts';
export type { PullOutcome } from '../publish/pull/pull.ts';
export type { TermsNotAccepted } from '../publish/terms.ts';
export type { CheckedPolicy, CheckedPolicyEntry } from '../report/checked-policy.ts';
export type {
  DeviationChange,
  DiffedImage,
  FlawChange,
  ImageChanges,
  PackageChange,
  RuleChange,
} from '../report/diff/image-changes.ts';
export type { ExplainedPackages, UnreadStatement } from '../report/explained-packages.ts';
export type { Explained, Explanation, OtherRelease, VendorRecord } from '../report/explanation.ts';
export type { PrunedSnapshots } from '../sources/snapshots.ts';
export type { BuildSettings } from '../tasks/build/options.ts';
export type { CheckFormat } from '../tasks/check/formats.ts';
export type { CheckRuleOptions } from '../tasks/check/options.ts';
export type { ComparedImage } from '../tasks/compare/run.ts';
export type { CompilationParameters } from '../tasks/compile/options.ts';
export type { ComplianceFormat } from '../tasks/comply/formats.ts';
export type {
  ContentPlatformParameters,
  ProfileParameters,
  RulePolicyOptions,
  RuleThreshold,
} from '../tasks/comply/options.ts';
export type { ContentFile, TailoringParameters } from '../tasks/content/options.ts';
export type { ContentProfiles, FeedProfiles } from '../tasks/content/profiles.ts';
export type { Tailored } from '../tasks/content/tailor.ts';
export type { Flip } from '../tasks/diff/feeds.ts';
export type { ImageDiffParameters } from '../tasks/diff/options.ts';
export type { EvaluationFormat } from '../tasks/eval/formats.ts';
export type { EvalOptions, EvalPolicyOptions } from '../tasks/eval/options.ts';
export type { AdvisoryParameters } from '../tasks/export/options.ts';
export type { ChosenFeed } from '../tasks/feed.ts';
export type { FixParameters } from '../tasks/fix/options.ts';
export type { FixScript } from '../tasks/fix/run.ts';
export type { AddedImages } from '../tasks/fleet/add.ts';
export type {
  FleetBaseParameters,
  FleetListParameters,
  OwnerParameters,
  ReadingParameters,
  RetentionParameters,
  TokenParameters,
  WaiverParameters,
} from '../tasks/fleet/command-options.ts';
export type { ImportedInventories } from '../tasks/fleet/import.ts';
export type { NewsPolicyOptions, RunPolicyOptions } from '../tasks/fleet/options.ts';
export type { ImageParameters, RegistryParameters } from '../tasks/image/options.ts';
export type { VexOfImage } from '../tasks/image/vex.ts';
export type { DescribedFile } from '../tasks/info/run.ts';
export type { NewKeyParameters } from '../tasks/keys/options.ts';
export type { ChangedKeys, KeySummary, ListedKeys } from '../tasks/keys/run.ts';
export type { ExceptionParameters, PolicyFileParameters } from '../tasks/policy/options.ts';
export type { PublishSettings } from '../tasks/publish/options.ts';
export type { FeedPartsParameters, PullPartsParameters } from '../tasks/publish/pull-options.ts';
export type { PublishResult } from '../tasks/publish/run.ts';
export type { RebuiltFeed } from '../tasks/rebuild/run.ts';
export type { BenchmarkFormat, OvalResultsFormat } from '../tasks/report/formats.ts';
export type { ResultsParameters } from '../tasks/report/options.ts';
export type { BaseSubject } from '../tasks/scan/base.ts';
export type { LateScanFormat } from '../tasks/scan/formats.ts';
export type { BaseParameters, FailOn, ScanPolicyOptions } from '../tasks/scan/options.ts';
export type { PruningParameters } from '../tasks/snapshots/options.ts';
export type { KeptFeedReport, SnapshotReport } from '../tasks/snapshots/run.ts';
export type { ValidationParameters } from '../tasks/validate/options.ts';
export type { VerificationFormat } from '../tasks/verify/formats.ts';
export type { VerifyPolicyOptions } from '../tasks/verify/options.ts';
export type {
  Problem,
  remedies,
  ScapDocumentKind,
  ValidationReport,
  ViolatedRule,
} from '../validate/index.ts';
export type {
  VersionRule,
  VexDocument,
  VexProduct,
  VexStatement,
  VexStatus,
  VexSubject,
  VexTarget,
} from '../vex/statement.ts';
