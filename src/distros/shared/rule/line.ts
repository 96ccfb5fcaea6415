import { kindOf, type ShardTables } from '../../../feed/read/shard-records.ts';
import type { ClaimKind, PackageRecord } from '../../../model/index.ts';
import { lineOf, linesOf, type VersionLine } from './lines.ts';

/** The line of an installed build; `versions`: it is of none of these, which are those of all lines. */
export type BuildLine = VersionLine | { unlike: readonly string[] };

/** By the rows of the package's own name; undefined: its channels have no lines. */
export function buildLine(
  version: string,
  record: PackageRecord | undefined,
  tables: ShardTables,
): BuildLine | undefined {
  const fixes = (record?.claims ?? []).map((claim) => ({
    fixed: claim.fixed,
    channel: kindOf(claim, tables).channel,
  }));
  const lines = linesOf(fixes);
  if (lines.length === 0) return undefined;
  return lineOf(version, lines) ?? { unlike: lines.flatMap(({ versions }) => versions) };
}

const plain = new WeakMap<ClaimKind, ClaimKind>();

/** The fields of a claim without its channel: within a line all are of one stream. */
export function ofOneStream(kind: ClaimKind): ClaimKind {
  if (kind.channel === undefined) return kind;
  const known = plain.get(kind);
  if (known) return known;
  const { channel: _, ...made } = kind;
  plain.set(kind, made);
  return made;
}
