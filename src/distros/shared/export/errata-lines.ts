import type { ExportLine, ExportRow } from '../../../export/rows/rows.ts';
import type { Feed } from '../../../feed/read/feed.ts';
import { shardLines } from '../../../feed/read/whole-file.ts';
import type { FeedPlatform, ShardClaim } from '../../../model/feed/index.ts';
import { compareRpmEvr } from '../../../packaging/rpm/version.ts';
import type { Flavour } from '../../rebuilds.ts';
import { type Architectures, byArchitecture } from '../rule/architectures.ts';
import { flavourOf } from '../rule/flavour.ts';
import { linesOf } from '../rule/lines.ts';
import { groupsOf } from './groups.ts';

/** The architectures of a vendor's packages, and its builds beside the plain ones. */
interface Builds {
  architectures: readonly string[];
  flavours: readonly Flavour[] | undefined;
}

/** Deciding errata by package: the highest fix of a flaw for each module or flavour and architecture. */
export function* errataLines(
  feed: Feed,
  { id }: Pick<FeedPlatform, 'id'>,
  { architectures, flavours }: Builds,
): Generator<ExportLine> {
  for (const { package: name, claims } of shardLines(feed, id)) {
    const fixes = claims.filter(({ fixed }) => fixed !== undefined);
    const flavour = ({ fixed }: ShardClaim) => flavourOf(fixed!, flavours);
    const kinds = Map.groupBy(fixes, (claim) => JSON.stringify([claim.module, flavour(claim)]));
    const rows = [...kinds.values()].flatMap((own) => {
      const of = flavour(own[0]!);
      return rowsByLine(own, architectures).map((row) => (of === undefined ? row : { ...row, flavour: of }));
    });
    if (rows.length > 0) yield { package: name, rows };
  }
}

/** Builds of the main channel are older than those of others, so that its rows need no limit. */
function rowsByLine(claims: readonly ShardClaim[], architectures: readonly string[]): ExportRow[] {
  const lines = linesOf(claims);
  if (lines.length === 0) return rowsOf(claims, architectures);
  return lines.flatMap(({ channels, versions }) => {
    const own = rowsOf(
      claims.filter(({ channel }) => channels.has(channel)),
      architectures,
    );
    return channels.has(undefined) ? own : own.map((row) => ({ ...row, line: versions }));
  });
}

/** Flaws that the same claims name are decided by architecture, as one row for each that has a decision of its own. */
function rowsOf(claims: readonly ShardClaim[], architectures: readonly string[]): ExportRow[] {
  return groupsOf(claims.map((claim) => ({ claim, kind: claim }))).flatMap(({ of, ids }) => {
    const decided = byArchitecture(of).map(({ arch, rows }) => ({ arch, fix: highestOf(rows).claim }));
    const [first] = decided;
    if (decided.every(({ fix }) => fix === first!.fix)) return [rowOf(first!.fix, ids)];
    return decided.map(({ arch, fix }) => ({ ...rowOf(fix, ids), arch: namesOf(arch, architectures) }));
  });
}

function highestOf<R extends { claim: ShardClaim }>(rows: readonly R[]): R {
  return rows.reduce((most, row) => (compareRpmEvr(most.claim.fixed!, row.claim.fixed!) === -1 ? row : most));
}

function namesOf(arch: Architectures | undefined, all: readonly string[]): readonly string[] {
  if (arch === undefined) return all;
  return 'of' in arch ? arch.of : all.filter((name) => !arch.otherThan.includes(name));
}

function rowOf(
  { fixed, severity = 'unknown', advisories = [], module }: ShardClaim,
  ids: string[],
): ExportRow {
  return {
    ids,
    fixed: fixed!,
    status: 'affected',
    fixState: 'available',
    severity,
    advisories,
    ...(module === undefined ? {} : { module }),
  };
}
