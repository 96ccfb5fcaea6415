/**
 * Stable codes of all errors, with the exit code of each: 2 wrong use or internal error; 3 feed or build input not usable; 4
 * image not covered; 1 an invalid document or attestation.
 */
export const errorCodes = {
  USAGE: 2,
  CONFIG_INVALID: 2,
  INTERNAL: 2,
  OUTPUT_NOT_WRITABLE: 2,
  SYSTEM_REFUSED: 2,
  DATABASE_UNUSABLE: 2,
  DELIVERY_FAILED: 2,

  REQUEST_INVALID: 2,
  REQUEST_TOO_LARGE: 2,
  REQUEST_UNSUPPORTED: 2,
  NOT_FOUND: 2,
  TOKEN_MISSING: 2,
  TOKEN_REFUSED: 2,
  NOT_ALLOWED: 2,
  TOO_MANY_REQUESTS: 2,

  DISK_FULL: 3,
  FEED_MISSING: 3,
  FEED_STALE: 3,
  FEED_CORRUPT: 3,
  FEED_FORMAT_UNSUPPORTED: 3,
  FEED_LACKS_SOURCE: 3,
  FETCH_FAILED: 3,
  FETCH_NOT_FOUND: 3,
  FETCH_CHANGED: 3,
  FETCH_REFUSED: 3,
  FETCH_TOO_LARGE: 3,
  FETCH_TIMEOUT: 3,
  SNAPSHOT_MISSING: 3,
  SNAPSHOT_CORRUPT: 3,
  SOURCE_NOT_JSON: 3,
  SOURCE_MALFORMED: 3,
  SOURCE_TOO_LARGE: 3,
  SOURCE_OVER_BUDGET: 3,
  SOURCE_RECEDED: 3,
  SOURCE_DIGEST_WRONG: 3,
  SOURCE_SIGNATURE_WRONG: 3,
  SOURCE_UNSIGNED: 3,
  SOURCE_EXPIRED: 3,
  SCHEMA_VIOLATION: 3,

  TRUST_ROOT_MISSING: 3,
  TRUST_ROOT_INVALID: 3,
  TRUST_ROOT_SKIPPED: 3,
  TRUST_POLICY_INVALID: 3,
  TERMS_NOT_ACCEPTED: 3,
  TRUST_EXPIRED: 3,
  TRUST_UNSIGNED: 3,
  TRUST_SIGNATURE_WRONG: 3,
  TRUST_TRUNCATED: 3,
  TRUST_SWAPPED: 3,
  TRUST_ROLLBACK: 3,
  TRUST_FROM_FUTURE: 3,
  TRUST_NOT_METADATA: 3,
  TRUST_FOREIGN_CONTENT: 3,
  TRUST_NOT_PRIVATE: 3,
  FEED_LOCKED: 3,
  PUBLISH_HELD: 3,
  PUBLISH_CONFLICT: 3,
  PUSH_FAILED: 3,
  REBUILD_DIFFERS: 3,

  KEY_MISSING: 2,
  KEY_EXISTS: 2,
  KEY_PASSPHRASE_WRONG: 2,
  KEY_PASSPHRASE_WEAK: 2,
  KEY_MALFORMED: 2,
  KEY_NOT_PRIVATE: 2,
  SIGNER_FAILED: 2,

  IMAGE_NOT_FOUND: 2,
  IMAGE_UNREACHABLE: 2,
  IMAGE_REFERENCE_INVALID: 2,
  IMAGE_MALFORMED: 2,
  IMAGE_UNREADABLE: 2,
  IMAGE_LIMIT_EXCEEDED: 2,
  IMAGE_DIGEST_MISMATCH: 2,
  ATTESTATION_REFUSED: 1,
  ATTESTATION_MISSING: 4,
  SBOM_MALFORMED: 2,
  POLICY_INVALID: 2,
  VEX_INVALID: 2,
  PLATFORM_UNKNOWN: 4,
  PLATFORM_NOT_COVERED: 4,
  PACKAGE_DATABASE_MISSING: 4,
  PACKAGE_DATABASE_UNREADABLE: 4,
  PACKAGE_DATABASE_INCOMPLETE: 4,

  CONTENT_MALFORMED: 3,
  CONTENT_MISSING: 3,
  PROFILE_UNKNOWN: 3,

  DOCUMENT_INVALID: 1,
} as const;

/** The code of an error. `errorCodes` maps it to the exit code. */
export type ErrorCode = keyof typeof errorCodes;

/** Fields of a ScapfeedError. Messages are lower case, without a full stop, and give the expected and the actual value. */
export interface ErrorDetails {
  code: ErrorCode;
  message: string;
  /** Location of the error: file, record, JSON pointer or line, as precise as known. */
  where?: string;
  /** The user's next step, as an imperative sentence. */
  remedy?: string;
  cause?: unknown;
}

/** The error class of this package. Branch on `code`, not on the message. */
export class ScapfeedError extends Error {
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly remedy: string | undefined;

  constructor({ code, message, where, remedy, cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ScapfeedError';
    this.code = code;
    this.where = where;
    this.remedy = remedy;
  }

  get exitCode(): number {
    return errorCodes[this.code];
  }
}

/** Returns true for a ScapfeedError, including one from another bundle of this package, whose class is a copy. */
export function isScapfeedError(error: unknown): error is ScapfeedError {
  return error instanceof Error && error.name === 'ScapfeedError' && 'exitCode' in error;
}
