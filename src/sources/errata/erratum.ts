import type { Severity } from '../../model/feed/index.ts';

/** An erratum's rating is that of its worst flaw; bug fixes and enhancements have the text `None`. */
const severities: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  important: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
  none: 'unknown',
  unknown: 'unknown',
  '': 'unknown',
};

/** By Red Hat's words, which others keep but for `high` and `medium`; undefined: another word. */
export function severityOf(word: string): Severity | undefined {
  const key = word.trim().toLowerCase();
  return Object.hasOwn(severities, key) ? severities[key] : undefined;
}

/** One update of a rebuild of RHEL: the fixed vulnerabilities, and the builds. */
export interface Erratum {
  /** `ALSA-2021:4156`, `RLSA-2023:0005`; '': it has none. */
  id: string;
  /** An update that names no vulnerability fixed one all the same. */
  security: boolean;
  /** The publisher's word for its kind. */
  type: string;
  severity: string;
  title: string;
  description: string;
  /** Seconds since 1970. */
  issued: number | undefined;
  /** Of its own page. */
  page: string | undefined;
  /** The vulnerabilities that it names. */
  cves: readonly string[];
  /** Streams of modules, `nodejs:18`, with the architecture of each. */
  modules: readonly { module: string; arch: string }[];
  packages: readonly ErratumPackage[];
  /** Rows of packages that do not have their form. */
  faults: readonly Fault[];
}

/** One build for one architecture. */
export interface ErratumPackage {
  name: string;
  evr: string;
  arch: string;
  /** `nodejs:18`; undefined: the row names none. */
  module: string | undefined;
  /** Builds of a flavour are apart from others: a package has one of each. */
  flavour?: string;
  /** Of its row, within the document. */
  pointer: string;
}

export interface Fault {
  pointer: string;
  message: string;
  /** The name that it has all the same. */
  package?: string;
  /** The product that it is of, where an erratum has several. */
  product?: string;
}

/** Where an erratum is: the document's input, the erratum in it, and the platform that it is of. */
export interface ErratumPlace {
  input: string;
  /** `INPUT#POINTER`. */
  place: string;
  platform: string;
  /** Of its statements, within the input, with placeholders (Claim.evidence); default: the advisory's id. */
  pointer?: string;
  /** The channel that its builds of a package are of, by the package's name. Undefined: the platform's main one. */
  channelOf?(name: string): string | undefined;
}

/** Number of records that an erratum counts as: its rows, or one. */
export function rowsOf({
  packages,
  faults,
}: {
  packages: readonly unknown[];
  faults: readonly unknown[];
}): number {
  return Math.max(1, packages.length + faults.length);
}

/** Seconds since 1970, if they are a whole number and of this century. */
export function ofThisCentury(seconds: unknown): number | undefined {
  return typeof seconds === 'number' &&
    Number.isInteger(seconds) &&
    seconds > 946_684_800 &&
    seconds < 4_102_444_800
    ? seconds
    : undefined;
}

/** The name of a package, as rpm allows it. */
export const packageName = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

/** A module or a stream of one: a stranger's words may be anything. */
export const moduleWord = /^[\w.+-]+$/;

/** The mark of a build in a module: `module_el8.5.0+2632+14ced695`; in old errata `module+el8`. */
export const moduleMark = /\.module[+_][a-z]+\d/;
