import { compareCodeUnits } from '../../../../model/index.ts';
import { compareRpmEvr } from '../../../../packaging/rpm/version.ts';
import type { Tree } from '../parse/record.ts';
import type { MergeNotes, SourcedRow } from './sourced-row.ts';

/** Trees in the order in which they are believed for a fix: legacy VEX has every binary, the vex-feed only sources. */
const trust: readonly Tree[] = ['redhat-vex', 'redhat-advisories', 'redhat-vex-feed'];

/**
 * Fixes of one family: every stream keeps its own, never the highest of all (trivy#11199). Inside one stream, one name
 * and one architecture a later erratum's version stands, since a CVE is named again when its first fix was not whole.
 */
export function settleFixes(fixes: readonly SourcedRow[], notes: MergeNotes): SourcedRow[] {
  const byName = new Map<string, SourcedRow[]>();
  for (const row of [...fixes].sort(byTrust)) {
    const { minor, channel } = row.stream;
    const key = `${row.subject} ${row.name} ${minor} ${channel}`;
    const same = byName.get(key);
    if (!same) byName.set(key, [row]);
    else if (!joinEqual(same, row)) same.push(row);
  }
  return [...byName.values()].flatMap((same) => (same.length === 1 ? same : newestByArch(same, notes)));
}

function byTrust(a: SourcedRow, b: SourcedRow): number {
  return (
    trust.indexOf(a.document.tree) - trust.indexOf(b.document.tree) ||
    compareCodeUnits(a.document.path, b.document.path)
  );
}

/** The same fix told by two documents is one: the first keeps its place, architectures and advisories are joined. */
function joinEqual(same: SourcedRow[], row: SourcedRow): boolean {
  const at = same.findIndex(({ fixed }) => fixed === row.fixed);
  if (at === -1) return false;
  const known = same[at]!;
  const joined = { ...known };
  if (known.arch && row.arch) joined.arch = union(known.arch, row.arch);
  else delete joined.arch;
  const advisories = union(known.advisories ?? [], row.advisories ?? []);
  if (advisories.length > 0) joined.advisories = advisories;
  same[at] = joined;
  return true;
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}

/**
 * Of several versions in one stream each architecture keeps its newest (RHEL 7 ppc64le has builds `ael7b` of its own).
 * An older row of all architectures stays beside a newer one of a few: the matcher takes the newest that applies.
 */
function newestByArch(same: readonly SourcedRow[], notes: MergeNotes): SourcedRow[] {
  const newestFirst = [...same].sort((a, b) => compareFixes(b, a));
  const kept: SourcedRow[] = [];
  for (const row of newestFirst) {
    const arch = row.arch?.filter((name) => !kept.some((newer) => speaksOf(newer, name)));
    const winner = arch?.length === 0 ? kept[0] : kept.find((newer) => !newer.arch);
    if (!winner) kept.push(arch ? { ...row, arch } : row);
    else
      notes.lose(
        row,
        winner.document.tree === row.document.tree ? 'older_fix_in_stream' : 'trees_disagree',
        winner,
      );
  }
  return kept.length === 1 ? kept : kept.map((row) => ({ ...row, archMatters: true }));
}

function compareFixes(a: SourcedRow, b: SourcedRow): number {
  return compareRpmEvr(a.fixed!, b.fixed!) || compareCodeUnits(a.fixed!, b.fixed!);
}

function speaksOf({ arch }: SourcedRow, name: string): boolean {
  return !arch || arch.includes(name) || arch.includes('noarch');
}
