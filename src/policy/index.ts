export { type Acceptance, allowedPaths, waivedRules } from './accept.ts';
export { type Baseline, type BaselineFile, formerResult, ignoreKnown, readBaselineFile } from './baseline.ts';
export { type IgnoreResult, ignoreByPolicy } from './ignore.ts';
export {
  type AllowEntry,
  type Entry,
  type IgnoreEntry,
  isExpired,
  type PolicyFile,
  type WaiverEntry,
} from './policy.ts';
export { readPolicyFile } from './read-policy.ts';
