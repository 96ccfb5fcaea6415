import {
  type FixState,
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
import { type Flaw, flawsOf, packageNames } from './flaws.ts';

export interface TableOptions {
  color: boolean;
  /** Also list what the default view hides. */
  all: boolean;
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
      fixText(verdict),
      stateText(verdict),
    ];
  });
  const head = ['VULNERABILITY', 'SEVERITY', 'SOURCE (PACKAGES)', 'INSTALLED', 'FIXED IN', 'STATE'];
  return textTable(head, cells, color ? severityPaint(rows) : undefined);
}

/** Counts the rows of each class that the default view hides. */
function hiddenRows(verdicts: readonly ViewedVerdict[]): Map<HiddenClass, number> {
  const classes = new Map<HiddenClass, ViewedVerdict[]>();
  for (const verdict of verdicts) {
    if (verdict.hidden === undefined) continue;
    const known = classes.get(verdict.hidden);
    if (known) known.push(verdict);
    else classes.set(verdict.hidden, [verdict]);
  }
  return new Map([...classes].map(([kind, hidden]) => [kind, flawsOf(hidden).length]));
}

function shortList(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} +${names.length - 2}`;
}

function fixText({ status, fixState, fixedVersion }: ViewedVerdict): string {
  if (status !== 'affected' || fixedVersion === undefined) return '-';
  return fixState === 'available' || fixState === 'other_channel' ? fixedVersion : '-';
}

const stateWords: Record<FixState, string> = {
  available: 'fix available',
  none_yet: 'no fix yet',
  fix_deferred: 'fix deferred',
  will_not_fix: 'will not be fixed',
  end_of_life: 'out of support',
  other_channel: 'fixed in another channel',
};

function stateText(verdict: ViewedVerdict): string {
  const { status, fixState, reason, channel, advisories, marks } = verdict;
  const words = status === 'affected' ? stateWords[fixState!] : status.replaceAll('_', ' ');
  let details = reason ?? '';
  const add = (text: string) => {
    details = details === '' ? text : `${details}, ${text}`;
  };
  if (channel !== undefined && channel !== reason) add(channel);
  advisories.forEach(add);
  marks.forEach(add);
  return details === '' ? words : `${words} (${details.replaceAll('_', ' ')})`;
}

const hiddenWords: Record<HiddenClass, string> = {
  unimportant: 'rated unimportant',
  negligible: 'negligible without a fix',
  kernel: 'of the kernel, which a container does not run',
  unsettled: 'not yet looked into by the vendor',
};

function footer(result: ScanResult, rows: readonly Flaw[], { all, filtered }: TableOptions): string {
  const lines = [affectedLine(rows)];
  if (!all) {
    const hidden = hiddenRows(result.verdicts);
    for (const [kind, words] of Object.entries(hiddenWords)) {
      const count = hidden.get(kind as HiddenClass);
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
  lines.push(...coverageLines(result));
  return lines.map(line).join('');
}

function affectedLine(rows: readonly Flaw[]): string {
  const affected = rows.filter(({ verdict }) => verdict.status === 'affected');
  const fixable = affected.filter(({ verdict }) => verdict.fixState === 'available').length;
  const unrated = affected.filter(({ verdict }) => isUnrated(verdict)).length;
  const rating = unrated > 0 ? `; ${unrated} not rated by the vendor` : '';
  const flaws = plural(affected.length, 'flaw');
  return `${flaws} of source packages: ${fixable} with a fix to install, ${affected.length - fixable} without${rating}`;
}

const uncoveredWords = {
  not_covered: 'no data: the vendor never shipped it',
  other_origin: 'no data: built elsewhere',
  unparsable_version: 'version cannot be compared',
  half_installed: 'only half installed',
  undecidable: 'cannot be judged',
} as const;

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
