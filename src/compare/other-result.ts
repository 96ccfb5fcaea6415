/** What another scanner found: one vulnerability in one installed package. */
export interface OtherFinding {
  vulnerability: string;
  /** Other ids of the same vulnerability. */
  aliases: readonly string[];
  package: string;
  version: string;
  /** Empty: it names no fix. */
  fixed: string;
  /** In the scanner's own word, lower case. */
  severity: string;
  /** The kind of package: `os`, or an ecosystem of a language (`npm`). */
  kind: string;
  /** Whose data it was found by: `debian:distro:debian:12`, `nvd`. */
  source?: string;
}

export interface OtherResult {
  tool: 'trivy' | 'grype';
  /** The system that it was judged as, as the scanner says: `debian 12.5`. */
  system?: string;
  findings: readonly OtherFinding[];
}
