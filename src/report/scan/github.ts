import { type ManyScan, type MergedScan, standing } from '../many/scan.ts';
import { printable } from '../printable.ts';
import { signatureFault } from '../signed-verdict.ts';
import { plural } from '../text-table.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { type Flaw, packageNames } from './flaws.ts';
import type { ScanReport } from './report.ts';
import { unseenText } from './unseen-text.ts';
import { remedyText } from './words.ts';

/** GitHub shows this many annotations of a kind for a step, and drops the rest without a word. */
const mostOfKind = 10;

/**
 * Formats a scan as commands for the log of a GitHub workflow: errors for what the policy fails for, warnings for the
 * rest, each the worst first, and a notice with the totals, which says what is not shown.
 */
export function githubAnnotations(report: ScanReport): string {
  const { errors, warnings, notice } = annotationsOf(report);
  return [...errors, ...warnings, notice].join('');
}

/** At most as many of each kind as GitHub shows, each a line of the log, the worst first. */
interface Annotations {
  errors: string[];
  warnings: string[];
  notice: string;
}

function annotationsOf(report: ScanReport, image = ''): Annotations {
  const flaws = report.flaws();
  const failing = flaws.filter(({ verdicts }) => verdicts.some(report.fails));
  const others = flaws.filter(({ verdicts }) => !verdicts.some(report.fails));
  const fault = signatureFault(report.result);
  const gaps = [
    ...(fault ? [command('error', `${image}signatures`, fault.text)] : []),
    ...report.result.gaps.map(({ code, where, detail }) =>
      command(
        'error',
        `${image}not covered: ${code.replaceAll('_', ' ')}`,
        where === undefined ? detail : `${where}: ${detail}`,
      ),
    ),
  ];
  const errors = [...gaps, ...failing.map((flaw) => annotation('error', flaw, image))].slice(0, mostOfKind);
  const warnings = others.slice(0, mostOfKind).map((flaw) => annotation('warning', flaw, image));
  const unshown = gaps.length + flaws.length - errors.length - warnings.length;
  return { errors, warnings, notice: command('notice', summaryTitle(report), summary(report, unshown)) };
}

function annotation(kind: 'error' | 'warning', flaw: Flaw, image: string): string {
  const { vulnerability, severity, package: pkg } = flaw.verdict;
  return command(
    kind,
    `${image}${vulnerability} (${severity}) in ${pkg.source.name}`,
    `${packageNames(flaw).join(', ')} ${pkg.source.version}: ${remedyText(flaw)}`,
  );
}

function summaryTitle({ name }: ScanReport): string {
  return `scapfeed: ${name}`;
}

function summary(report: ScanReport, unshown: number): string {
  const { flaws, packages, fixable, severities, ignored } = report.counts();
  const rated = Object.entries(severities).flatMap(([severity, count]) =>
    count > 0 ? [`${count} ${severity}`] : [],
  );
  const kinds = rated.length > 0 ? ` (${rated.join(', ')})` : '';
  const rest =
    unshown > 0 ? `; ${unshown} of these are not annotated: GitHub shows ${mostOfKind} of a kind` : '';
  const unjudged = unjudgedText(report.result.unjudged);
  const aside = ignored > 0 ? `; ${plural(ignored, 'flaw')} put aside by exceptions` : '';
  const others = [unseenText(report), unjudged]
    .filter((text) => text !== undefined)
    .map((text) => `; ${text}`);
  return `${plural(flaws, 'flaw')}${kinds} in ${plural(packages.affected, 'package')}, ${fixable} with a fix to install${rest}${aside}${others.join('')}`;
}

/** One line of the log: line breaks, the separators of properties and whatever steers a terminal are escaped. */
function command(kind: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${kind} title=${property(printable(title))}::${data(printable(message))}\n`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

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
