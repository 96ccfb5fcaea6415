/** Path of the search file, whose lines are {@link SearchRecord}s sorted by id. */
export const searchPath = 'index/search.jsonl';

/** Platforms with statements about what is searched: a vulnerability, an advisory or a package. */
export interface SearchRecord {
  /** `CVE-2024-1234`, `DSA-5001-1`, `openssl`. */
  id: string;
  /** Names of packages to ids of platforms, both sorted in code units. */
  packages: Readonly<Record<string, readonly string[]>>;
}
