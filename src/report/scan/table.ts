import {
  type HiddenClass,
  isUnrated,
  type ScanResult,
  type Severity,
  type ViewedVerdict,
} from '../../model/index.ts';
import { feedText } from '../feed-text.ts';
import { noteText } from '../note-text.ts';
import { line } from '../printable.ts';
import { type Paint, plural, textTable } from '../text-table.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { hiddenFlaws } from './counts.ts';
import { exceptionLines, ignoredText } from './exceptions-text.ts';
import { type Flaw, flawsOf, packageNames } from './flaws.ts';
import { fixVersion, hiddenWords, stateText, uncoveredWords } from './words.ts';

export interface TableOptions {
  color: boolean;
  /** Also list what the default view hides. */
  all: boolean;
  /** Also list what exceptions put aside. */
  ignored: boolean;
  /** Verdicts that the user's filters (`--severity`, `--only-fixed`) left out. */
  filtered: readonly ViewedVerdict[];
}

/** Formats a scan as a table: feed and image, one row per flaw and source package, and the counts of what is not shown. */
export function scanTable(
  result: ScanResult,
  shown: readonly ViewedVerdict[],
  options: TableOptions,
): string {
  const rows = flawsOf(shown);
  return [header(result), '\n', body(rows, options), '\n', footer(result, rows, options)].join('');
}

function header({ tool, feed, platform, image, inventory }: ScanResult): string {
  const age = platform.ageDays === 0 ? 'today' : `${plural(platform.ageDays, 'day')} old`;
  const databases = inventory.databases.map(({ path }) => path).join(', ');
  const marks = platform.marks.length > 0 ? ` [${platform.marks.join(', ')}]` : '';
  const system = inventory.os?.prettyName ?? 'system unknown';
  return [
    `${tool}; feed ${platform.id}, vendor data of ${platform.updated.slice(0, 10)} (${age})`,
    feedText(feed),
    `${image.reference}: ${system}, judged as ${platform.name}${marks}, ${plural(inventory.packages, 'package')} in ${databases}`,
    ...(platform.phase === 'end_of_life'
      ? [
          `WARNING: ${platform.name} is past its end of life: new flaws are not recorded for it, and this result cannot be clean`,
        ]
      : []),
  ]
    .map(line)
    .join('');
}

function body(rows: readonly Flaw[], { color, filtered }: TableOptions): string {
  if (rows.length === 0)
    return filtered.length > 0 ? 'no flaws among those asked for\n' : 'no flaws to show\n';
  const cells = rows.map((flaw) => {
    const { verdict } = flaw;
    return [
      verdict.vulnerability,
      verdict.severity,
      `${verdict.package.source.name} (${shortList(packageNames(flaw))})`,
      verdict.package.source.version,
      fixVersion(verdict) ?? '-',
      verdict.ignored ? ignoredText(verdict.ignored) : stateText(verdict),
    ];
  });
  const head = ['VULNERABILITY', 'SEVERITY', 'SOURCE (PACKAGES)', 'INSTALLED', 'FIXED IN', 'STATE'];
  return textTable(head, cells, color ? severityPaint(rows) : undefined);
}

function shortList(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} +${names.length - 2}`;
}

function footer(result: ScanResult, rows: readonly Flaw[], { all, filtered, ignored }: TableOptions): string {
  const lines = [affectedLine(rows)];
  if (!all) {
    const hidden = hiddenFlaws(result.verdicts.filter((verdict) => verdict.ignored === undefined));
    for (const [kind, words] of Object.entries(hiddenWords)) {
      const count = hidden[kind as HiddenClass];
      if (count !== undefined) lines.push(`${count} more ${words}: --all lists them`);
    }
  }
  if (filtered.length > 0) {
    const flaws = flawsOf(filtered);
    const unrated = flaws.filter(({ verdict }) => isUnrated(verdict)).length;
    const told = `, ${unrated} of them not rated by the vendor: --severity unknown lists those`;
    lines.push(
      `${plural(flaws.length, 'flaw')} left out by --severity or --only-fixed${unrated > 0 ? told : ''}`,
    );
  }
  lines.push(...exceptionLines(result, ignored), ...coverageLines(result));
  return lines.map(line).join('');
}

function affectedLine(rows: readonly Flaw[]): string {
  const affected = rows.filter(
    ({ verdict }) => verdict.status === 'affected' && verdict.ignored === undefined,
  );
  const fixable = affected.filter(({ verdict }) => verdict.fixState === 'available').length;
  const unrated = affected.filter(({ verdict }) => isUnrated(verdict)).length;
  const rating = unrated > 0 ? `; ${unrated} not rated by the vendor` : '';
  const flaws = plural(affected.length, 'flaw');
  return `${flaws} of source packages: ${fixable} with a fix to install, ${affected.length - fixable} without${rating}`;
}

function coverageLines({ uncovered, inventory, judged, unjudged }: ScanResult): string[] {
  const lines = [`${plural(judged, 'package')} judged, ${uncovered.length} not covered`];
  for (const { package: pkg, reason, detail } of uncovered.slice(0, 10)) {
    lines.push(`  ${pkg.name} ${pkg.version}: ${uncoveredWords[reason]}${detail ? ` (${detail})` : ''}`);
  }
  if (uncovered.length > 10) lines.push(`  and ${uncovered.length - 10} more: -o json lists them`);
  const others = unjudgedText(unjudged);
  if (others !== undefined) lines.push(others);
  return lines.concat(inventory.notes.map(noteText));
}

const colors: Partial<Record<Severity, number>> = { critical: 35, high: 31, medium: 33, low: 36 };

function severityPaint(rows: readonly Flaw[]): Paint {
  return (cell, column, row) => {
    const severity = rows[row]?.verdict.severity;
    return column === 1 && severity ? `\x1b[${colors[severity] ?? 39}m${cell}\x1b[0m` : cell;
  };
}
