/** A benchmark that a feed carries, compiled: its entry in the manifest. */
export interface FeedContent {
  /** `content/PRODUCT.jsonl` */
  path: string;
  /** Its name in the feed: `debian12`. */
  product: string;
  /** Ids of the feed's platforms that it is for, by its CPE names. */
  platforms: string[];
  benchmark: { id: string; title: string; version: string };
  /** The benchmark's own date, ISO 8601 UTC; absent: it has none. */
  date?: string;
  /** The input that it is from, and the document in it. */
  input: string;
  document: { name: string; sha256: string };
  /** SPDX expression. */
  licence: string;
  profiles: FeedProfile[];
}

/** A profile, with the number of rules that it selects. */
export interface FeedProfile {
  id: string;
  title: string;
  rules: number;
}

/** What a source gives for each benchmark; the feed's own platforms are not known to it. */
export interface CompiledContent extends Omit<FeedContent, 'path' | 'platforms'> {
  /** CPE names of the platforms that the benchmark is for. */
  cpes: readonly string[];
  /** The compiled benchmark. */
  bytes(): Buffer;
}

/** Path of a product's benchmark in a feed. */
export function contentPath(product: string): string {
  return `content/${product}.jsonl`;
}

/** True for the path of a benchmark: what a part may name in content/. */
export function isContentPath(path: string): boolean {
  return /^content\/[a-z0-9][a-z0-9._-]{0,63}\.jsonl$/.test(path);
}
