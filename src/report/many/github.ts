import { type Annotations, annotationsOf, command, mostOfKind } from '../scan/github.ts';
import { plural } from '../text-table.ts';
import { type ManyScan, type MergedScan, standing } from './scan.ts';

/** Images that the notice names. */
const mostNamed = 20;

/** Annotations of all images: GitHub shows ten of a kind, so the worst of each image take turns. */
export const mergedGithub: MergedScan = {
  part: (report) => [JSON.stringify(annotationsOf(report, `${report.name}: `))],
  whole,
};

function* whole(scan: ManyScan): Iterable<string> {
  const unscanned = scan.targets.flatMap(({ target, error }) =>
    error ? [command('error', `not scanned: ${target}`, `${error.message} [${error.code}]`)] : [],
  );
  // The stored parts are those that `part` wrote.
  const parts = scan.targets.map(({ part, facts }) =>
    facts ? (JSON.parse([...part()].join('')) as Annotations) : undefined,
  );
  const errors = [...unscanned, ...inTurns(parts.map((part) => part?.errors ?? []))];
  const warnings = inTurns(parts.map((part) => part?.warnings ?? []));
  yield* errors.slice(0, mostOfKind);
  yield* warnings.slice(0, mostOfKind);
  const { totals } = scan;
  const rated = Object.entries(totals.severities).flatMap(([severity, count]) =>
    count > 0 ? [`${count} ${severity}`] : [],
  );
  const kinds = rated.length > 0 ? ` (${rated.join(', ')})` : '';
  yield command(
    'notice',
    `scapfeed: ${plural(totals.targets, 'image')}`,
    [
      `${plural(totals.flaws, 'flaw')}${kinds}, ${totals.fixable} with a fix to install`,
      ...scan.targets
        .slice(0, mostNamed)
        .map((target) =>
          [
            `${target.target}: ${target.facts ? plural(target.facts.counts.flaws, 'flaw') : 'unknown'}`,
            standing(target, scan),
            ...(target.facts?.leftOpen ?? []),
          ].join(', '),
        ),
      ...(scan.targets.length > mostNamed ? [`and ${scan.targets.length - mostNamed} more images`] : []),
      `GitHub shows ${mostOfKind} errors and ${mostOfKind} warnings of a step; other formats have all`,
    ].join('; '),
  );
}

/** The first of each list, the second of each, and so on. */
function inTurns(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, nth) => lists.flatMap((list) => list[nth] ?? [])).flat();
}
