import type { FixState, HiddenClass, ScanResult, Severity, ViewedVerdict } from '../model/index.ts';
import { plural, textTable } from './text-table.ts';

export interface TableOptions {
  color: boolean;
  /** Also list what the default view hides. */
  all: boolean;
  /** How many verdicts the user's own filters (`--severity`, `--only-fixed`) left out. */
  filtered: number;
}

/** A scan as a person reads it: which feed and image, one row a flaw and source package, and the count of all not shown. */
export function scanTable(
  result: ScanResult,
  shown: readonly ViewedVerdict[],
  options: TableOptions,
): string {
  return [header(result), '\n', body(shown, options), '\n', footer(result, shown, options)].join('');
}

function header({ tool, platform, image, inventory }: ScanResult): string {
  const age = platform.ageDays === 0 ? 'today' : `${plural(platform.ageDays, 'day')} old`;
  const databases = inventory.databases.map(({ path }) => path).join(', ');
  const marks = platform.marks.length > 0 ? ` [${platform.marks.join(', ')}]` : '';
  const system = inventory.os?.prettyName ?? 'system unknown';
  return [
    `${tool}; feed ${platform.id}, vendor data of ${platform.updated.slice(0, 10)} (${age})\n`,
    `${image.reference}: ${system}, judged as ${platform.name}${marks}, ${plural(inventory.packages, 'package')} in ${databases}\n`,
    platform.phase === 'end_of_life'
      ? `WARNING: ${platform.name} is past its end of life: new flaws are not recorded for it, and this result cannot be clean\n`
      : '',
  ].join('');
}

function body(shown: readonly ViewedVerdict[], options: TableOptions): string {
  if (shown.length === 0) return 'no flaws to show\n';
  const rows = groupBySource(shown).map(([first, binaries]) => [
    first.vulnerability,
    paint(first.severity, options.color),
    `${first.package.source.name} (${binaries})`,
    first.package.source.version,
    fixText(first),
    stateText(first),
  ]);
  return textTable(
    ['VULNERABILITY', paint(undefined, options.color), 'SOURCE (PACKAGES)', 'INSTALLED', 'FIXED IN', 'STATE'],
    rows,
  );
}

/** Verdicts that differ only in the binary package make one row. */
function groupBySource(verdicts: readonly ViewedVerdict[]): [ViewedVerdict, string][] {
  const rows = new Map<string, { first: ViewedVerdict; binaries: string[] }>();
  for (const verdict of verdicts) {
    const { source, name, arch } = verdict.package;
    const key = [
      verdict.vulnerability,
      source.name,
      source.version,
      verdict.status,
      verdict.fixState,
      verdict.fixedVersion,
    ].join('\0');
    const row = rows.get(key);
    const label = row?.binaries.includes(name) ? `${name}:${arch}` : name;
    if (row) row.binaries.push(label);
    else rows.set(key, { first: verdict, binaries: [label] });
  }
  return [...rows.values()].map(({ first, binaries }) => [first, shortList(binaries)]);
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
  const details = [reason, channel, ...advisories, ...marks].filter((text) => text !== undefined);
  return details.length === 0 ? words : `${words} (${details.join(', ').replaceAll('_', ' ')})`;
}

const hiddenWords: Record<HiddenClass, string> = {
  unimportant: 'rated unimportant',
  negligible: 'negligible without a fix',
  kernel: 'of the kernel, which a container does not run',
  unsettled: 'not yet looked into by the vendor',
};

function footer(
  result: ScanResult,
  shown: readonly ViewedVerdict[],
  { all, filtered }: TableOptions,
): string {
  const affected = shown.filter(({ status }) => status === 'affected');
  const fixable = affected.filter(({ fixState }) => fixState === 'available').length;
  const unrated = affected.filter(({ severity }) => severity === 'unknown').length;
  const lines = [
    `${plural(affected.length, 'flaw')} in installed packages: ${fixable} with a fix available, ${affected.length - fixable} without` +
      (unrated > 0 ? `; ${unrated} not rated by the vendor` : ''),
  ];
  if (!all) {
    for (const [kind, words] of Object.entries(hiddenWords)) {
      const count = result.verdicts.filter(({ hidden }) => hidden === kind).length;
      if (count > 0) lines.push(`${count} more ${words}: --all lists them`);
    }
  }
  if (filtered > 0) lines.push(`${filtered} more left out by --severity or --only-fixed`);
  lines.push(...coverageLines(result));
  return lines.map((line) => `${line}\n`).join('');
}

const uncoveredWords = {
  not_covered: 'no data: the vendor never shipped it',
  other_origin: 'no data: built elsewhere',
  unparsable_version: 'version cannot be compared',
  half_installed: 'only half installed',
} as const;

function coverageLines({ uncovered, inventory, judged }: ScanResult): string[] {
  const lines = [`${plural(judged, 'package')} judged, ${uncovered.length} not covered`];
  for (const { package: pkg, reason, detail } of uncovered.slice(0, 10)) {
    lines.push(`  ${pkg.name} ${pkg.version}: ${uncoveredWords[reason]}${detail ? ` (${detail})` : ''}`);
  }
  if (uncovered.length > 10) lines.push(`  and ${uncovered.length - 10} more: -o json lists them`);
  for (const { code, where, detail } of inventory.notes) {
    lines.push(`note: ${code.replaceAll('_', ' ')} at ${where}${detail ? `: ${detail}` : ''}`);
  }
  return lines;
}

const colors: Partial<Record<Severity, number>> = { critical: 35, high: 31, medium: 33, low: 36 };

// Both the coloured cells and the column's title carry escapes of one length, so that the columns still align.
function paint(severity: Severity | undefined, color: boolean): string {
  const word = severity ?? 'SEVERITY';
  if (!color) return word;
  const code = (severity && colors[severity]) ?? 39;
  return `\x1b[${code}m${word}\x1b[0m`;
}
