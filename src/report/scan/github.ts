import { printable } from '../printable.ts';
import { signatureFault } from '../signed-verdict.ts';
import { plural } from '../text-table.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { type Flaw, packageNames } from './flaws.ts';
import type { ScanReport } from './report.ts';
import { unseenText } from './unseen-text.ts';
import { remedyText } from './words.ts';

/** GitHub shows this many annotations of a kind for a step, and drops the rest without a word. */
export const mostOfKind = 10;

/**
 * Formats a scan as commands for the log of a GitHub workflow: errors for what the policy fails for, warnings for the
 * rest, each the worst first, and a notice with the totals, which says what is not shown.
 */
export function githubAnnotations(report: ScanReport): string {
  const { errors, warnings, notice } = annotationsOf(report);
  return [...errors, ...warnings, notice].join('');
}

/** At most as many of each kind as GitHub shows, each a line of the log, the worst first. */
export interface Annotations {
  errors: string[];
  warnings: string[];
  notice: string;
}

export function annotationsOf(report: ScanReport, image = ''): Annotations {
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
export function command(kind: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${kind} title=${property(printable(title))}::${data(printable(message))}\n`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
