import { compareCodeUnits } from '../../../model/order.ts';
import { compareRpmEvr } from '../../../packaging/rpm/version.ts';
import type { Tree } from '../record.ts';
import type { MergeNotes, SourcedRow } from './sourced-row.ts';

/** Trees by precedence for fixes: legacy VEX has every binary, the vex-feed only sources. */
const trust: readonly Tree[] = ['redhat-vex', 'redhat-advisories', 'redhat-vex-feed'];

/**
 * Fixes of one family. Every stream keeps its own, not the highest of all (trivy#11199). Within one stream, name and
 * architecture the later erratum's version is used, because a CVE is named again if its first fix was incomplete.
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

/** Joins equal fixes of two documents: the first keeps its place, architectures and advisories are merged. */
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
 * Of several versions in one stream each architecture keeps its newest (RHEL 7 ppc64le has its own builds `ael7b`).
 * An older row for all architectures is kept with a newer one for a few: the matcher uses the newest that applies.
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
