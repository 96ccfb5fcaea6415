import type { Claim, Subject } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import type { Gathered } from './statuses.ts';

/** A statement that one document makes about several packages of one platform. */
export interface Row {
  platform: string;
  claim: Omit<Claim, 'evidence'>;
  /** The key of product_status. */
  key: string;
  subject: Subject;
  /** Package names, sorted. */
  names: string[];
}

/** A statement about one package. */
export type PackageStatement = Omit<Row, 'names'> & { name: string };

export interface RowRules {
  /** The order of versions; undefined: one of them has no place in it. */
  compare(a: string, b: string): number | undefined;
  /** Statements that follow from those of a vulnerability. */
  inferred?(statements: readonly PackageStatement[]): PackageStatement[];
}

type Doubt = (reason: string, detail: string) => void;

/** The statements of one vulnerability, grouped by content. A contradiction is a finding, and the flaw counts. */
export function rowsOf(gathered: readonly Gathered[], rules: RowRules, doubt: Doubt): Row[] {
  const statements = gathered.flatMap(statementsOf);
  const kept = withHighestFix(withoutContradictions(statements, doubt), rules, doubt);
  return joined([...kept, ...(rules.inferred?.(kept) ?? [])]);
}

function statementsOf(each: Gathered): PackageStatement[] {
  const { target, key, status, severity, fixState, reason, advisories, anyArch, arch } = each;
  const { stream, name, version, unsure } = target;
  const { platform, channel } = stream;
  const claim: Row['claim'] = {
    status,
    // Packages that are not affected have no severity: equal statements stay equal.
    severity: status === 'not_affected' ? 'unknown' : severity,
    ...(status === 'fixed' ? { fixed: version! } : {}),
    ...(status === 'affected' ? { fixState: fixState?.fixState ?? 'none_yet' } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(status === 'fixed' && advisories.size > 0 ? { advisories: [...advisories].sort() } : {}),
    ...(status === 'fixed' && !anyArch ? { arch: [...arch].sort() } : {}),
    ...(channel === undefined ? {} : { channel }),
  };
  const statement: PackageStatement = { platform, claim, key, subject: 'binary', name };
  return unsure ? [{ ...statement, subject: 'source' }, statement] : [statement];
}

/** Where two statements contradict each other. */
export function placeOf(
  { platform, claim: { channel }, subject, name }: PackageStatement,
  of = channel,
): string {
  return `${platform} ${of ?? ''} ${subject} ${name}`;
}

/** One module of a release may ship a build that is not affected and another one that is. */
function withoutContradictions(statements: readonly PackageStatement[], doubt: Doubt): PackageStatement[] {
  const flawed = new Set(
    statements.filter(({ claim }) => claim.status !== 'not_affected').map((statement) => placeOf(statement)),
  );
  return statements.filter((statement) => {
    if (statement.claim.status !== 'not_affected' || !flawed.has(placeOf(statement))) return true;
    doubt('affected_and_not', `${statement.platform}: ${statement.name}`);
    return false;
  });
}

/**
 * Of several builds with a fix only the last is known to have it wherever a package is from. Builds of different architectures
 * stand beside each other; one build is that of all.
 */
function withHighestFix(
  statements: readonly PackageStatement[],
  { compare }: RowRules,
  doubt: Doubt,
): PackageStatement[] {
  const places = new Map<string, PackageStatement[]>();
  for (const statement of statements) {
    if (statement.claim.fixed === undefined) continue;
    const known = places.get(placeOf(statement));
    if (known) known.push(statement);
    else places.set(placeOf(statement), [statement]);
  }
  const kept = new Map<PackageStatement, readonly string[]>();
  for (const fixes of places.values()) {
    const highest = new Map<string, PackageStatement>();
    const byArch = fixes.every(({ claim }) => claim.arch !== undefined);
    for (const statement of fixes)
      for (const arch of byArch ? statement.claim.arch! : ['']) {
        const known = highest.get(arch);
        const [before, fixed] = [known?.claim.fixed, statement.claim.fixed!];
        if (before === undefined || compare(before, fixed) === -1) highest.set(arch, statement);
        if (before !== undefined && before !== fixed)
          doubt('several_builds', `${statement.platform}: ${statement.name} ${before}, ${fixed}`);
      }
    const builds = new Set([...highest.values()].map(({ claim }) => claim.fixed));
    for (const statement of fixes) {
      const { fixed, arch } = statement.claim;
      const own = (byArch ? arch! : ['']).filter((each) => highest.get(each)!.claim.fixed === fixed);
      if (own.length > 0) kept.set(statement, builds.size === 1 ? [] : own);
    }
  }
  return statements.flatMap((statement) => {
    const { arch: _, ...claim } = statement.claim;
    if (claim.fixed === undefined) return [statement];
    const arch = kept.get(statement);
    if (arch === undefined) return [];
    return [{ ...statement, claim: { ...claim, ...(arch.length > 0 && { arch }) } }];
  });
}

function joined(statements: readonly PackageStatement[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { name, ...claim } of statements) {
    const key = JSON.stringify(claim);
    const row = rows.get(key);
    if (row) row.names.push(name);
    else rows.set(key, { ...claim, names: [name] });
  }
  for (const row of rows.values()) row.names = [...new Set(row.names)].sort(compareCodeUnits);
  return [...rows.values()];
}
