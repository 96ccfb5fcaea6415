import type { OwnerRule, SlaRules } from '../model/fleet/index.ts';
import type { SignedRule, VexRule } from '../model/verdict/index.ts';

/** The content of `scapfeed.yaml`; schemas/policy.schema.json describes it. Every text or list of texts is a list here. */
export interface PolicyFile {
  file: string;
  /** Hex, of its bytes. */
  sha256: string;
  ignore: readonly IgnoreEntry[];
  /** Options of a command by name, each with its texts: `fail-on` of `scan`. */
  options: Readonly<Record<'scan' | 'verify' | 'comply', Readonly<Record<string, readonly string[]>>>>;
  allow: readonly AllowEntry[];
  waivers: readonly WaiverEntry[];
  /** Required signers, by image. */
  signed: readonly SignedRule[];
  /** Flaws that issuers of VEX may lift. Absent: every document that is named lifts what it says. */
  vex?: readonly VexRule[];
  /** Owners of images of a fleet; each is there once. */
  owners: readonly OwnerRule[];
  /** By when flaws of a fleet must be mended. */
  sla?: SlaRules;
}

/** The required members of every exception. */
export interface Entry {
  /** JSON pointer. */
  where: string;
  /** Line of its first word, from 1. */
  line: number;
  reason: string;
  /** `2026-12-31`: the last day on which it acts. */
  until?: string;
}

/** Puts verdicts aside that have all that it names; of a list, one. */
export interface IgnoreEntry extends Entry {
  vulnerability: readonly string[];
  /** Names of installed packages or of their sources; `*` stands for any text. */
  package: readonly string[];
  /** Path of the package database that lists it; with `*`, `**` and `?`. */
  path: readonly string[];
  /** Number of a layer from 1, or its digest. */
  layer: readonly string[];
  /** States of a fix, or statuses. */
  state: readonly string[];
}

/** Paths whose deviations `verify` accepts. */
export interface AllowEntry extends Entry {
  path: readonly string[];
}

/** A rule whose failure `comply` accepts. */
export interface WaiverEntry extends Entry {
  rule: readonly string[];
}

/** True on days after its last one. */
export function isExpired({ until }: Pick<Entry, 'until'>, day: string): boolean {
  return until !== undefined && day > until;
}
