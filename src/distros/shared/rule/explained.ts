import type { VerdictRule } from '../../../model/compliance/index.ts';
import type { InstalledPackage } from '../../../model/inventory/index.ts';
import type { RpmContext } from './context.ts';
import { gather, recordsOf } from './gather.ts';
import { decide, noStatement } from './match.ts';
import { type RpmRow, rowGroups } from './rows.ts';
import { type StreamThreshold, streamName, streamThreshold } from './threshold.ts';

/** The threshold by which the matcher judges a package, in the form that `explain` prints. */
export function rpmRule(
  pkg: InstalledPackage,
  vulnerability: string,
  context: RpmContext,
): VerdictRule | undefined {
  const gathered = gather(pkg, recordsOf(pkg, context), context);
  if (noStatement(gathered, context)) return undefined;
  for (const shard of gathered.shards.toReversed()) {
    const group = rowGroups(pkg, shard, context).find(({ ids }) => ids.includes(vulnerability));
    const threshold = group && streamThreshold(group.rows, gathered.stream, context);
    if (threshold && decide(threshold)) return explained(threshold, context);
  }
  return undefined;
}

function explained(
  { fixes, below }: StreamThreshold<RpmRow>,
  { major, oneStream = false }: RpmContext,
): VerdictRule {
  return {
    fixes: fixes.map((row) => ({
      version: row.claim.fixed!,
      ...(oneStream ? {} : { stream: streamName(row, major) }),
      installed: row.place.installed,
      comparison: row.order(),
    })),
    ...(below && {
      otherwise: { status: below.status, ...(below.fixState && { fixState: below.fixState }) },
    }),
  };
}
