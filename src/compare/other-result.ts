import type { EcosystemId } from '../model/inventory/index.ts';
import type { ViewedVerdict } from '../model/verdict/index.ts';

/** A finding of another scanner: one vulnerability in one installed package. */
export interface OtherFinding {
  vulnerability: string;
  /** Other ids of the same vulnerability. */
  aliases: readonly string[];
  /** Empty: what found it names no package; `version` is that of one, or of its source, then. */
  package: string;
  /** Empty: not stated. */
  version: string;
  /** Empty: it names no fix. Several of a package of a language are separated by `, `. */
  fixed: string;
  /** In the scanner's own word, lower case. */
  severity: string;
  /** The kind of package: `os`, or an ecosystem of a language (`npm`). */
  kind: string;
  /** The ecosystem of that kind, if feeds know it. */
  ecosystem?: EcosystemId;
  /** The data source of the finding: `debian:distro:debian:12`, `nvd`. */
  source?: string;
}

/** A cause as a stable word, and as a sentence. */
export interface OtherReason {
  cause: string;
  why: string;
}

export interface OtherResult {
  /** `oval`: a vendor's own definitions, evaluated on the image. */
  tool: 'trivy' | 'grype' | 'oval';
  /** The system that it was judged as, in the scanner's words: `debian 12.5`. */
  system?: string;
  findings: readonly OtherFinding[];
  /** Records of it that name no vulnerability or no package, or are of another form. */
  notRead: number;
  /** The reason why it lacks a flaw that scapfeed has, if it can be derived. */
  whyNot?(verdict: ViewedVerdict): OtherReason;
}
