/** The runtime with a browser as its host, which reads a published feed. Published as `scapfeed/runtime/web`. */

export type { SearchRecord } from '../../published/search-record.ts';
export * from '../index.ts';
export {
  type OpenPublishedOptions,
  openPublished,
  type WebFeed,
  type WebJudgeOptions,
} from './open-published.ts';
export type { VerifyEd25519 } from './signature.ts';
export type { TrustStore } from './trust.ts';
