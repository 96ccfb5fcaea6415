import type { InstalledPackage } from '../../model/inventory/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { ViewedVerdict } from '../../model/verdict/index.ts';
import type { ScanReport } from './report.ts';
import { stateWord, vendorRemedy } from './words.ts';

/** Why a package is not affected: the labels that CSAF and OpenVEX share. */
export const justifications = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;

export type Justification = (typeof justifications)[number];

/** A vendor's statement about one vulnerability in packages of an image, in the form of VEX. */
export interface VendorStatement {
  vulnerability: string;
  /** The first verdict; the others differ in the package only. */
  verdict: ViewedVerdict;
  packages: InstalledPackage[];
  justification?: Justification;
  /** The recommended action, or why there is none. */
  action: string;
}

/**
 * The statements that verdicts make, by vulnerability. A package that is judged twice, as the vendor's statements about two
 * channels differ, is in the statement of the worst verdict only: no reader could decide which one counts.
 */
export function statementsOf(verdicts: readonly ViewedVerdict[]): VendorStatement[] {
  const groups = new Map<string, ViewedVerdict[]>();
  for (const verdict of worstOnly(verdicts)) {
    const { vulnerability, status, fixState, reason, fixedVersion, package: pkg, ignored } = verdict;
    const key = JSON.stringify([
      vulnerability,
      status,
      fixState,
      reason,
      fixedVersion,
      pkg.source.name,
      ignored?.where,
    ]);
    const group = groups.get(key);
    if (group) group.push(verdict);
    else groups.set(key, [verdict]);
  }
  return [...groups.values()].map(statementOf).sort(byVulnerability);
}

/** The order of badness: what a reader must not miss comes first. */
const statuses: readonly ViewedVerdict['status'][] = [
  'affected',
  'under_investigation',
  'fixed',
  'not_affected',
];

function worstOnly(verdicts: readonly ViewedVerdict[]): ViewedVerdict[] {
  const kept = new Map<string, Map<InstalledPackage, ViewedVerdict>>();
  for (const verdict of verdicts) {
    const known = kept.get(verdict.vulnerability) ?? new Map<InstalledPackage, ViewedVerdict>();
    if (known.size === 0) kept.set(verdict.vulnerability, known);
    const other = known.get(verdict.package);
    if (!other || statuses.indexOf(verdict.status) < statuses.indexOf(other.status))
      known.set(verdict.package, verdict);
  }
  return [...kept.values()].flatMap((known) => [...known.values()]);
}

function statementOf(verdicts: ViewedVerdict[]): VendorStatement {
  const [verdict] = verdicts as [ViewedVerdict];
  const reason = justifications.find((label) => label === verdict.reason);
  const flaw = { verdict, verdicts };
  return {
    vulnerability: verdict.vulnerability,
    verdict,
    packages: verdicts.map(({ package: pkg }) => pkg),
    ...(verdict.status === 'not_affected' ? { justification: reason ?? 'vulnerable_code_not_present' } : {}),
    action:
      verdict.status === 'fixed' ? `${stateWord(verdict)} in the installed version` : vendorRemedy(flaw),
  };
}

function byVulnerability(a: VendorStatement, b: VendorStatement): number {
  return (
    compareCodeUnits(a.vulnerability, b.vulnerability) ||
    compareCodeUnits(a.verdict.package.source.name, b.verdict.package.source.name) ||
    statuses.indexOf(a.verdict.status) - statuses.indexOf(b.verdict.status)
  );
}

/**
 * The statements of a VEX document about an image: all verdicts, including those that clear it. Filters of the view do not apply.
 */
export function vexStatements(report: ScanReport): VendorStatement[] {
  return statementsOf([...report.result.verdicts, ...report.settled()]);
}
