import type { InexactEntry } from '../../src/export/rows/inexact.ts';
import type { InstalledPackage } from '../../src/model/inventory/index.ts';
import type { MatchResult, Uncovered } from '../../src/model/verdict/index.ts';

/** Another scanner, put to a root file system with an export of ours. */
export interface Judge {
  /** The export's target. */
  target: string;
  findings(exported: string, root: string, work: string): Finding[];
  /** Causes that explain a package which scapfeed does not judge. */
  uncovered: Partial<Record<Uncovered, string>>;
  /** Rules of the scanner that docs/exports.md describes; other causes stand in the list that the export writes. */
  rules: ReadonlySet<string>;
  /** The cause of a difference, by what the installed package is. */
  rule?(installed: InstalledPackage, root: string, difference: Difference): string | undefined;
}

/** A vulnerability in an installed package; versions without an epoch of 0. */
export interface Finding {
  vulnerability: string;
  package: string;
  version: string;
  /** Empty: there is no fix. */
  fixed: string;
  /** In lower case; undefined: the scanner says none. */
  severity?: string;
}

export interface Difference extends Omit<Finding, 'fixed' | 'severity'> {
  /** The fixed version. Undefined: not found. */
  ours: string | undefined;
  theirs: string | undefined;
}

export interface Equality {
  compared: number;
  equal: number;
  explained: Map<string, number>;
  unexplained: string[];
}

/** Each finding of either side: both have it with the same fixed version, or a listed cause says why not. */
export function compareFindings(
  ours: readonly Finding[],
  theirs: readonly Finding[],
  explain: (difference: Difference) => string | undefined,
): Equality {
  const result: Equality = { compared: 0, equal: 0, explained: new Map(), unexplained: [] };
  const [own, other] = [byKey(ours), byKey(theirs)];
  for (const [key, finding] of [...own, ...[...other].filter(([each]) => !own.has(each))]) {
    result.compared += 1;
    const sameSeverity = equalSeverity(own.get(key)?.severity, other.get(key)?.severity);
    const said = (one: Finding | undefined) =>
      one && (sameSeverity ? one.fixed : `${one.fixed} ${one.severity}`.trim());
    const [left, right] = [said(own.get(key)), said(other.get(key))];
    if (left === right) {
      result.equal += 1;
      continue;
    }
    const { fixed: _, severity: __, ...known } = finding;
    const difference = { ...known, ours: left, theirs: right };
    const cause = explain(difference);
    if (cause === undefined) result.unexplained.push(JSON.stringify(difference));
    else result.explained.set(cause, (result.explained.get(cause) ?? 0) + 1);
  }
  return result;
}

/** A layout has the words that it has: Trivy none below low, debsecan's output and notus none at all. */
function equalSeverity(ours: string | undefined, theirs: string | undefined): boolean {
  if (ours === undefined || theirs === undefined) return true;
  return ours === theirs || (ours === 'negligible' && theirs === 'low');
}

function byKey(findings: readonly Finding[]): Map<string, Finding> {
  return new Map(
    findings.map((finding) => [`${finding.vulnerability} ${finding.package} ${finding.version}`, finding]),
  );
}

/** Findings of scapfeed's own runtime, in the same form: `affected` and `under_investigation`. */
export function ownFindings({ verdicts }: Pick<MatchResult, 'verdicts'>): Finding[] {
  return verdicts.flatMap(({ vulnerability, package: pkg, status, severity, fixedVersion = '' }) =>
    status === 'affected' || status === 'under_investigation'
      ? {
          vulnerability,
          package: pkg.name,
          version: withoutZeroEpoch(pkg.version),
          fixed: withoutZeroEpoch(fixedVersion),
          severity,
        }
      : [],
  );
}

export function withoutZeroEpoch(version: string): string {
  return version.replace(/^0:/, '');
}

/** `4:5.26.1-1`; SUSE names the builds of such packages without it. */
export function hasEpoch(version: string): boolean {
  return /^[1-9]\d*:/.test(version);
}

/** The causes that the list of an export gives: for single findings, and for any. */
export function listedCauses(entries: readonly InexactEntry[]): {
  items: ReadonlyMap<string, string>;
  general: ReadonlySet<string>;
} {
  const items = new Map<string, string>();
  for (const { cause, examples = [] } of entries) {
    // `CVE-2024-1 nodejs:18::npm` is about the package npm.
    for (const item of examples) items.set(item.replace(/ \S+::/, ' '), cause);
  }
  return {
    items,
    general: new Set(entries.flatMap(({ cause, count }) => (count === undefined ? cause : []))),
  };
}
