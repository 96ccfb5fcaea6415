import { aheadText, dataDay } from '../../model/data-date.ts';
import { fixesOnly, type Severity, severities } from '../../model/feed/index.ts';
import {
  type AssessmentOrigin,
  type AssessmentOriginId,
  countedFlaws,
  type Gap,
  gapsOfLanguages,
  type HiddenClass,
  hiddenWords,
  isFixable,
  isUnrated,
  type ScanResult,
  uncoveredSystem,
  type ViewedVerdict,
} from '../../model/verdict/index.ts';
import { columnsOf } from '../columns.ts';
import { ageText } from '../data-age.ts';
import { feedText } from '../feed-text.ts';
import { gapText } from '../gap-text.ts';
import { markWords } from '../mark-words.ts';
import { noteText } from '../note-text.ts';
import { line, printable } from '../printable.ts';
import { raters } from '../rating-text.ts';
import { gateVerdict } from '../signed-verdict.ts';
import { coloured, linked } from '../styled.ts';
import { systemName } from '../system-name.ts';
import { type Paint, plural, textTable, thousands, usualWidth, wrapped } from '../text-table.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { basesText, baseText, originCounts, originsText } from './base-text.ts';
import { hiddenFlaws } from './counts.ts';
import { exceptionLines, ignoredText } from './exceptions-text.ts';
import {
  actionText,
  epssText,
  epssWidth,
  packageText,
  riskText,
  riskWidth,
  severityText,
} from './flaw-text.ts';
import { type Flaw, flawsOf } from './flaws.ts';
import { languagesBeside } from './judged-languages.ts';
import { filesOf, placeText } from './places.ts';
import { uncoveredText } from './words.ts';

export interface TableOptions {
  color: boolean;
  /** Also list what the default view hides. */
  all: boolean;
  /** Also list what exceptions put aside. */
  ignored: boolean;
  /** Columns of the terminal; without a terminal a table has 80. */
  columns?: number;
  /** Where a vulnerability's page is, for terminals that have links. */
  page?: (vulnerability: string) => string | undefined;
  /** Day of the announcement of a fix. Absent: rows have no dates. */
  fixDate?: (verdict: ViewedVerdict) => string | undefined;
  /** The packages to upgrade, in place of the flaws. */
  byPackage?: () => string;
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
  return [
    header(result),
    '\n',
    options.byPackage?.() ?? body(result, rows, options),
    '\n',
    footer(result, rows, options),
  ].join('');
}

function header(result: ScanResult): string {
  const { tool, feed, platform, assessments, severityFrom, signed } = result;
  const age = platform.ageDays ? ageText(platform.ageDays) : 'today';
  return [
    `${tool}; feed ${[platform.id, ...languagesBeside(result)].join(', ')}, vendor data ${platform.updated === undefined ? 'without a date' : `of ${dataDay(platform.updated)} (${age})`}`,
    feedText(feed),
    ...assessmentLines(assessments, severityFrom),
    subjectText(result),
    ...basesText(result),
    ...result.gaps.filter(({ code }) => isOfLanguages.has(code)).map((gap) => gapText(gap, platform.name)),
    ...(signed ? [`signatures: ${gateVerdict(signed)}`] : []),
    ...(platform.marks.includes(fixesOnly)
      ? [
          `the data of ${platform.name} has fixed flaws only: flaws without a fix are not known here, and no flaw means no known fix`,
        ]
      : []),
    ...(platform.phase === 'end_of_life'
      ? [
          `WARNING: ${platform.name} is past its end of life: new flaws are not recorded for it, and this result cannot be clean`,
        ]
      : []),
  ]
    .map(line)
    .join('');
}

/** Why packages of languages are not all judged. */
const isOfLanguages: ReadonlySet<Gap['code']> = new Set(gapsOfLanguages);

/** The image, what judges it, and what is in it. */
function subjectText({ image: { reference }, inventory, platform, gaps, verdicts }: ScanResult): string {
  const system = systemName(inventory.os) ?? 'system unknown';
  const { databases, languages = 0 } = inventory;
  const isUncovered = gaps.some(({ code }) => code === uncoveredSystem);
  const ofLanguages = `${plural(languages, 'package')} of languages`;
  if (databases.length === 0 && !isUncovered)
    return `${reference}: ${ofLanguages}, and none of a distribution`;
  const words = platform.marks
    .filter((mark) => mark !== fixesOnly)
    .map((mark) => (mark === 'mapped_beside' ? besideText(verdicts) : markWords(mark)));
  const marks = words.length > 0 ? ` (${words.join('; ')})` : '';
  const judged = isUncovered ? 'which this feed does not cover' : `judged as ${platform.name}${marks}`;
  const places = databases.map(({ path }) => path).join(', ');
  const installed = `${plural(inventory.packages, 'package')} in ${places}${languagesText(inventory)}`;
  return `${reference}: ${system}, ${judged}, ${databases.length === 0 ? ofLanguages : installed}`;
}

/** What the other platform added: it may have no statement about these packages, as one of another kind of packages. */
function besideText(verdicts: readonly ViewedVerdict[]): string {
  const added = verdicts.filter(({ marks }) => marks.includes('mapped'));
  if (added.length === 0) return '--platform-map added no verdict';
  return `${plural(added.length, 'verdict')} of ${added[0]!.platform} added by --platform-map`;
}

/** Packages that the distribution owns are judged with their owners. */
function languagesText({ languages = 0, owned = 0 }: ScanResult['inventory']): string {
  return [
    languages > 0 && `, ${thousands(languages)} of languages`,
    owned > 0 && ` (${thousands(owned)} more in packages of the distribution)`,
  ]
    .filter(Boolean)
    .join('');
}

/** Two lines a flaw, which fit into 80 columns: how bad it is and where, and below that what can be done. */
function body(result: ScanResult, rows: readonly Flaw[], options: TableOptions): string {
  const { filtered, columns: width = usualWidth } = options;
  const assessed = result.assessments.length > 0;
  if (rows.length === 0) {
    const isUnjudged = result.judged === 0 && result.uncovered.length + result.unjudged.length > 0;
    const none = filtered.length > 0 ? 'no flaws among those asked for' : 'no flaws to show';
    return isUnjudged ? `${none}: no package was judged\n` : `${none}\n`;
  }
  const cells = rows.map(({ verdict }) => [
    verdict.vulnerability,
    severityText(verdict, assessed),
    // One cell of two columns: every cell of a row costs.
    ...(assessed ? [`${riskText(verdict)}  ${epssText(verdict)}`] : []),
  ]);
  const head = [
    'VULNERABILITY',
    'SEVERITY',
    ...(assessed ? [' RISK    EPSS'] : []),
    'SOURCE, INSTALLED (PACKAGES)',
  ];
  const ids = widest(head[0]!, rows, ({ verdict }) => columnsOf(printable(verdict.vulnerability)));
  const words = widest(head[1]!, cells, (row) => row[1]!.length);
  const left = ids + 2 + words + 2 + (assessed ? riskWidth + 2 + epssWidth + 2 : 0);
  const indent = Math.min(ids + 2, Math.floor(width / 2));
  const packages = rows.map((row) => packageText(row, width - left));
  const full = packages.map(({ source }, at) => [...cells[at]!, source]);
  const below = rows.map((row, at) => {
    const { ignored } = row.verdict;
    const action = ignored ? ignoredText(ignored) : actionText(row.verdict, packages[at]!.below);
    const base = baseText(row);
    const place = placeText(filesOf(row, result), width - indent);
    const date =
      options.fixDate && row.verdict.fixState === 'available' && datedText(options.fixDate(row.verdict));
    const remark = [action, date || [], base ?? []].flat().join('; ');
    return [remark, ...(place === undefined ? [] : [place])].flatMap((text) => wrapped(text, indent, width));
  });
  const paint = paintOf(rows, options);
  return textTable(head, full, { below, ...(paint && { paint }) });
}

function datedText(date: string | undefined): string {
  return date === undefined ? 'date of the fix unknown' : `fixed since ${date}`;
}

function widest<Row>(head: string, rows: readonly Row[], width: (row: Row) => number): number {
  let most = head.length;
  for (const row of rows) most = Math.max(most, width(row));
  return most;
}

function footer(result: ScanResult, rows: readonly Flaw[], { all, filtered, ignored }: TableOptions): string {
  const affected = countedFlaws(
    rows
      .flatMap(({ verdicts }) => verdicts)
      .filter(({ status, ignored }) => status === 'affected' && ignored === undefined),
  );
  const lines = [
    affectedLine(affected, result.severityFrom),
    ...severityLines(affected),
    ...originsText(originCounts(affected), result),
  ];
  if (!all) {
    const hidden = hiddenFlaws(result.verdicts.filter((verdict) => verdict.ignored === undefined));
    for (const [kind, words] of Object.entries(hiddenWords)) {
      const count = hidden[kind as HiddenClass];
      if (count !== undefined) lines.push(`${thousands(count)} more ${words}: --all lists them`);
    }
  }
  if (filtered.length > 0) {
    const flaws = countedFlaws(filtered);
    const unrated = flaws.filter(({ verdict }) => isUnrated(verdict)).length;
    const remark = `, ${thousands(unrated)} of them not rated by ${raters(result.severityFrom)}: --severity unknown lists those`;
    lines.push(
      `${plural(flaws.length, 'flaw')} left out by --severity or --only-fixed${unrated > 0 ? remark : ''}`,
    );
  }
  const blind = result.gaps.filter(({ code }) => code === 'unrated_flaws').map(({ detail }) => detail);
  lines.push(...exceptionLines(result, ignored), ...blind, ...coverageLines(result));
  return lines.map(line).join('');
}

function affectedLine(affected: readonly Flaw[], severityFrom: ScanResult['severityFrom']): string {
  const fixable = affected.filter(isFixable).length;
  const unrated = affected.filter(({ verdict }) => isUnrated(verdict)).length;
  const rating = unrated > 0 ? `; ${thousands(unrated)} not rated by ${raters(severityFrom)}` : '';
  const flaws = plural(affected.length, 'flaw');
  return `${flaws} of source packages: ${thousands(fixable)} with a fix to install, ${thousands(affected.length - fixable)} without${rating}`;
}

/** `by severity: 2 critical, 7 high, 15 unknown; 1 known exploited`: the worst first; unknown ones are those that nobody rated. */
function severityLines(affected: readonly Flaw[]): string[] {
  if (affected.length === 0) return [];
  const counted = severities.toReversed().flatMap((severity) => {
    const count = affected.filter(({ verdict }) => verdict.severity === severity).length;
    return count === 0 ? [] : [`${thousands(count)} ${severity}`];
  });
  const exploited = affected.filter(({ verdict }) => verdict.exploited !== undefined).length;
  return [
    `by severity: ${counted.join(', ')}${exploited === 0 ? '' : `; ${thousands(exploited)} known exploited`}`,
  ];
}

function coverageLines({ uncovered, inventory, judged, unjudged }: ScanResult): string[] {
  const lines = [`${plural(judged, 'package')} judged, ${thousands(uncovered.length)} not covered`];
  for (const each of uncovered.slice(0, 10)) {
    lines.push(`  ${each.package.name} ${each.package.version}: ${uncoveredText(each)}`);
  }
  if (uncovered.length > 10) lines.push(`  and ${thousands(uncovered.length - 10)} more: -o json lists them`);
  const others = unjudgedText(unjudged);
  if (others !== undefined) lines.push(others);
  return lines.concat(inventory.notes.map(noteText));
}

const colors: Partial<Record<Severity, number>> = { critical: 35, high: 31, medium: 33, low: 36 };

/** Undefined: the table has neither colours nor links. */
function paintOf(rows: readonly Flaw[], { color, page }: TableOptions): Paint | undefined {
  if (!color && page === undefined) return undefined;
  return (cell, column, row) => {
    const verdict = rows[row]?.verdict;
    if (verdict === undefined) return cell;
    if (column === 1 && color) return coloured(cell, colors[verdict.severity] ?? 39);
    if (column !== 0 || page === undefined) return cell;
    const id = cell.trimEnd();
    return linked(id, page(verdict.vulnerability)) + cell.slice(id.length);
  };
}

/** The sources beside the distribution with their dates, and which of them are old. */
function assessmentLines(
  assessments: readonly AssessmentOrigin[],
  severityFrom: ScanResult['severityFrom'],
): string[] {
  if (assessments.length === 0) return [];
  const dates = assessments.map(
    ({ id, updated }) => `${shortNames[id]} ${updated?.slice(0, 10) ?? 'undated'}`,
  );
  const old = assessments.filter(({ stale }) => stale);
  const refused = assessments.flatMap(({ id, refused: code }) =>
    code === undefined ? [] : [`${shortNames[id]} (${code})`],
  );
  return [
    `severity by ${severityFrom.join(', ')}`,
    dates.join(', '),
    ...(old.length === 0
      ? []
      : [
          `old: ${old.map(({ id, ageDays }) => `${shortNames[id]} ${ageDays! < 0 ? aheadText : plural(ageDays!, 'day')}`).join(', ')}`,
        ]),
    ...(refused.length === 0
      ? []
      : [`not brought up to date when the feed was built: ${refused.join(', ')}`]),
  ];
}

const shortNames: Readonly<Record<AssessmentOriginId, string>> = {
  'cve-records': 'CVE records',
  nvd: 'NVD',
  kev: 'KEV',
  eukev: "the EU's list",
  epss: 'EPSS',
};
