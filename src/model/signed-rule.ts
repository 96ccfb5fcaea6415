/** One entry of `signed` in scapfeed.yaml: who must have signed which images. schemas/policy.schema.json describes it. */
export interface SignedRule {
  /** Hosts, namespaces, repositories or names with a tag; `*`: all. The narrowest that fits counts alone. */
  images: readonly string[];
  /** Any one is enough. Files are relative to the policy; `feed:NAME` are those that a feed brought. */
  by?: readonly SignedBy[];
  /** Authorities and logs for names; with keys, a log entry is asked for too. */
  'trusted-root'?: string;
  'log-entries'?: number;
  timestamps?: number;
  /** No signature is asked for, or none is enough. */
  admit?: 'any' | 'none';
}

/** Exactly one of its members, an identity with its issuer. */
export interface SignedBy {
  key?: string;
  identity?: string;
  issuer?: string;
  certificate?: string;
  openpgp?: string;
}
