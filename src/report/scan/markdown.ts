import { dataDay, escapeHtml } from '../../model/index.ts';
import { printable } from '../printable.ts';
import { signatureFault } from '../signed-verdict.ts';
import { plural } from '../text-table.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { basesText, baseText, originsText } from './base-text.ts';
import { exceptionLines, ignoredText } from './exceptions-text.ts';
import { type Flaw, ignoredFlaws, packageNames } from './flaws.ts';
import { languagesBeside } from './judged-languages.ts';
import { foundText, leftOpen } from './left-open.ts';
import { filesOf } from './places.ts';
import type { ScanReport } from './report.ts';
import { unseenText } from './unseen-text.ts';
import { upgradesOf } from './upgrades.ts';
import { fixVersion, stateWord, uncoveredWords } from './words.ts';

/** A comment on GitHub has at most 65,536 characters; GitLab takes a million. */
export const longestComment = 60_000;

/** Formats a scan as a short comment on a pull request: totals, what to upgrade, and the flaws folded away. */
export function scanMarkdown(report: ScanReport): string {
  const { result } = report;
  const judged = [result.platform.name, ...languagesBeside(result)].join(', ');
  const foot = `<sub>${literal(result.tool)}; ${literal(judged)}, vendor data of ${dataDay(result.platform.updated)}; feed ${code(report.facts.digest().slice(0, 19))}</sub>\n`;
  return `${commentOf(report, longestComment - foot.length)}${foot}`;
}

/** The comment without its last line, about one image, in that many characters as far as flaws can be left out. */
export function commentOf(report: ScanReport, room: number): string {
  const { policy } = report;
  const isClean = report.lines().length === 0 && leftOpen(report).length === 0;
  const mark = { 0: isClean ? '✅' : 'ℹ️', 1: '❌', 4: '⚠️' }[policy.exitCode];
  const parts = [
    `### ${mark} ${code(report.name)}: ${headline(report)}\n`,
    totals(report),
    coverage(report),
    upgrades(report),
    exceptions(report),
  ].filter((part) => part !== '');
  const short = `${parts.join('\n')}\n`;
  return `${short}${flawTable(report, room - short.length)}`;
}

function headline(report: ScanReport): string {
  const counts = report.counts();
  if (report.policy.exitCode === 4)
    return `${plural(counts.flaws, 'flaw')}, and not all of the image is known`;
  const open = leftOpen(report);
  return [foundText(counts, open.length === 0), ...open].join('; ');
}

function totals(report: ScanReport): string {
  const { severities, flaws } = report.counts();
  if (flaws === 0) return '';
  const present = Object.entries(severities).filter(([, count]) => count > 0);
  return `${row(present.map(([severity]) => severity))}${row(present.map(() => '---:'))}${row(present.map(([, count]) => String(count)))}`;
}

function coverage(report: ScanReport): string {
  const { gaps, uncovered, unjudged } = report.result;
  const lines = gaps.map(({ code: id, where, detail }) => {
    return `- **${id.replaceAll('_', ' ')}**: ${where === undefined ? '' : `${code(where)} `}${literal(detail)}`;
  });
  const packages = uncovered
    .slice(0, 10)
    .map(
      ({ package: pkg, reason }) => `  - ${code(`${pkg.name} ${pkg.version}`)}: ${uncoveredWords[reason]}`,
    );
  const more = uncovered.length > 10 ? [`  - and ${uncovered.length - 10} more`] : [];
  const others = unjudgedText(unjudged);
  const bases = [...basesText(report.result), ...originsText(report.counts().origins, report.result)];
  const told = [unseenText(report), others, ...bases].filter((text) => text !== undefined);
  const fault = signatureFault(report.result);
  const signatures = fault ? [`- **signatures**: ${literal(fault.text)}`] : [];
  const all = [...signatures, ...lines, ...packages, ...more, ...told.map((text) => `- ${literal(text)}`)];
  return all.length === 0 ? '' : `${all.join('\n')}\n`;
}

/** Accepted flaws, with the reasons. */
function exceptions({ result, asked, shown }: ScanReport): string {
  const flaws = ignoredFlaws(asked, shown);
  const lines = exceptionLines(result, true).map((text) => `- ${literal(text)}`);
  const named = flaws.slice(0, 20).map(({ verdict }) => {
    const why = verdict.ignored === undefined ? '' : literal(ignoredText(verdict.ignored));
    return `  - ${code(`${verdict.vulnerability} ${verdict.package.source.name}`)}: ${why}`;
  });
  return lines.length === 0 ? '' : `${[...lines, ...named].join('\n')}\n`;
}

function upgrades(report: ScanReport): string {
  const all = upgradesOf(report.lines(), report.compare);
  if (all.length === 0) return '';
  const { fixable: gone } = report.counts();
  const rows = all
    .slice(0, 20)
    .map(({ source, installed, to, flaws: repaired, worst }) =>
      row([code(source), code(installed), code(to), String(repaired), worst]),
    );
  const rest = all.length > rows.length ? `\nand ${all.length - rows.length} more\n` : '';
  return `**Upgrade ${plural(all.length, 'source package')}, and ${plural(gone, 'flaw')} ${gone === 1 ? 'goes' : 'go'}:**\n\n${row(['source', 'installed', 'upgrade to', 'flaws', 'worst'])}${row(['---', '---', '---', '---:', '---'])}${rows.join('')}${rest}`;
}

function flawTable(report: ScanReport, room: number): string {
  const lines = report.lines();
  if (lines.length === 0) return '';
  const open = `<details>\n<summary>All ${plural(report.flaws().length, 'flaw')}</summary>\n\n${row(['vulnerability', 'severity', 'packages', 'installed', 'fixed in', 'state'])}${row(['---', '---', '---', '---', '---', '---'])}`;
  const close = '\n</details>\n\n';
  let left = room - open.length - close.length - 200;
  const rows: string[] = [];
  for (const flaw of lines) {
    const text = flawRow(flaw, filesOf(flaw, report.result));
    left -= text.length;
    if (left < 0) break;
    rows.push(text);
  }
  const cut = lines.length - rows.length;
  const rest =
    cut > 0
      ? `\nand ${plural(cut, 'more line')}, which a comment has no room for: \`-o json\` has all\n`
      : '';
  return `${open}${rows.join('')}${rest}${close}`;
}

function flawRow(flaw: Flaw, [file, ...others]: readonly string[]): string {
  const { verdict } = flaw;
  const fix = fixVersion(verdict);
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  const place = file === undefined ? '' : `<br>${code(file)}${more}`;
  return row([
    code(verdict.vulnerability),
    verdict.severity,
    `${code(packageNames(flaw).join(', '))}${place}`,
    code(verdict.package.source.version),
    fix === undefined ? '' : code(fix),
    [stateWord(verdict), baseText(flaw) ?? []].flat().join('; '),
  ]);
}

export function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** Text of others stands in code, in which no mention, reference, link or emoji is made of it. */
export function code(text: string): string {
  return `<code>${literal(text)}</code>`;
}

export function literal(text: string): string {
  return escapeHtml(printable(text)).replace(/[\\`*_{}[\]()#+!|~$@:]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
