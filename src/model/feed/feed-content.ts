/** The manifest entry of a compiled benchmark in a feed. */
export interface FeedContent {
  /** `content/PRODUCT.jsonl` */
  path: string;
  /** Its name in the feed: `debian12`. */
  product: string;
  /** Ids of the feed's platforms that it applies to, by its CPE names. */
  platforms: string[];
  benchmark: { id: string; title: string; version: string };
  /** The benchmark's own date, ISO 8601 UTC. Absent if it has none. */
  date?: string;
  /** The input that contains it, and the document in that input. */
  input: string;
  document: { name: string; sha256: string };
  /** SPDX license expression. */
  licence: string;
  profiles: FeedProfile[];
}

/** A profile and the number of rules that it selects. */
export interface FeedProfile {
  id: string;
  title: string;
  rules: number;
}

/** A benchmark as a source provides it. The source does not know the feed's platforms. */
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
