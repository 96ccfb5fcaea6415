import {
  type Severity,
  type ShardClaim,
  type ShardLine,
  type Status,
  worseSeverity,
} from '../../model/feed/index.ts';
import { compareCodeUnits, compareIds } from '../../model/order.ts';
import { isMalicious } from '../../model/verdict/index.ts';
import { differingLines } from '../feed/shard.ts';

/** The kinds of changes of a statement between two feeds. */
export const changeKinds = [
  'now_affected',
  'now_fixed',
  'fix_version_changed',
  'status_changed',
  'severity_changed',
  'new',
  'gone',
] as const;
/** The kind of a statement's change. */
export type ChangeKind = (typeof changeKinds)[number];

/** A summary of a feed's statement about one vulnerability in one package. */
export interface Standing {
  status: Status;
  fixed?: string;
  fixState?: string;
  /** Affected versions, for a package of a language: the ranges of all records, in the notation of vers. */
  affected?: string;
  /** The package was published to do harm. */
  malicious?: true;
  /** The distribution's severity. Present if it changed. */
  severity?: Severity;
}

/** A statement that is new, gone or changed. */
export interface StatementChange {
  kind: ChangeKind;
  package: string;
  vulnerability: string;
  /** Module, channel, architecture or minor stream, if the statement is limited to one. */
  scope?: string;
  before?: Standing;
  after?: Standing;
}

/** The changes of one platform. */
export interface PlatformChanges {
  platform: string;
  counts: Record<ChangeKind, number>;
  /** Number of statements before and after. `before` is absent if the platform is new. */
  statements: { before?: number; after?: number };
  changes: StatementChange[];
}

/** The changes in one platform, by package and vulnerability. Undefined: the feed has no such platform. */
export function platformChanges(
  platform: string,
  before: readonly ShardLine[] = [],
  after: readonly ShardLine[] = [],
): PlatformChanges {
  const changes: StatementChange[] = [];
  for (const [old, now] of differingLines(before, after)) changes.push(...lineChanges(old, now));
  const counts = Object.fromEntries(changeKinds.map((kind) => [kind, 0])) as Record<ChangeKind, number>;
  for (const { kind } of changes) counts[kind] += 1;
  return { platform, counts, statements: {}, changes };
}

function lineChanges(old: ShardLine | undefined, now: ShardLine | undefined): StatementChange[] {
  const name = (now ?? old)!.package;
  const before = standings(old);
  const after = standings(now);
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort(byVulnerability);
  return keys.flatMap((key) => {
    const was = before.get(key);
    const is = after.get(key);
    const kind = kindOf(was, is);
    if (!kind) return [];
    const [vulnerability, scope] = key.split('\0') as [string, string];
    return {
      kind,
      package: name,
      vulnerability,
      ...(scope === '' ? {} : { scope }),
      ...(was ? { before: shownStanding(was, kind) } : {}),
      ...(is ? { after: shownStanding(is, kind) } : {}),
    };
  });
}

type FullStanding = Standing & { severity: Severity };

function shownStanding({ severity, ...standing }: FullStanding, kind: ChangeKind): Standing {
  return kind === 'severity_changed' ? { ...standing, severity } : standing;
}

function standings(line: ShardLine | undefined): Map<string, FullStanding> {
  const found = new Map<string, FullStanding>();
  for (const claim of line?.claims ?? []) {
    const { status, fixed, fixState, range, marks = [], severity = 'unknown' } = claim;
    const standing: FullStanding = {
      status,
      ...(fixed ? { fixed } : {}),
      ...(fixState ? { fixState } : {}),
      ...(range === undefined ? {} : { affected: range }),
      ...(isMalicious({ marks }) ? { malicious: true } : {}),
      severity,
    };
    for (const id of claim.ids) {
      const key = `${id}\0${scopeOf(claim)}`;
      const other = range === undefined ? undefined : found.get(key);
      found.set(key, other ? joined(other, standing) : standing);
    }
  }
  return found;
}

/** Joins the statements of several records about one flaw: each one's versions are affected. */
function joined(one: FullStanding, other: FullStanding): FullStanding {
  const ranges = new Set([one, other].flatMap(({ affected = '' }) => affected.split(recordSeparator)));
  return {
    ...one,
    affected: [...ranges].sort(compareCodeUnits).join(recordSeparator),
    ...(other.malicious && { malicious: true }),
    severity: worseSeverity(one.severity, other.severity),
  };
}

/** No range has a blank. */
const recordSeparator = ' or ';

function scopeOf({ subject, module, arch, channel, minor }: ShardClaim): string {
  const parts = [
    subject,
    module,
    arch?.join('+'),
    channel,
    minor === undefined ? undefined : `minor ${minor}`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

function kindOf(was: FullStanding | undefined, is: FullStanding | undefined): ChangeKind | undefined {
  if (!was) return 'new';
  if (!is) return 'gone';
  if (was.status !== is.status) {
    if (is.status === 'affected') return 'now_affected';
    return is.status === 'fixed' ? 'now_fixed' : 'status_changed';
  }
  if (was.fixed !== is.fixed || was.affected !== is.affected) return 'fix_version_changed';
  if (was.fixState !== is.fixState || was.malicious !== is.malicious) return 'status_changed';
  return was.severity === is.severity ? undefined : 'severity_changed';
}

function byVulnerability(a: string, b: string): number {
  const [idA, scopeA] = a.split('\0') as [string, string];
  const [idB, scopeB] = b.split('\0') as [string, string];
  return compareIds(idA, idB) || compareCodeUnits(scopeA, scopeB);
}
