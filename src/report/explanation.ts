import type { RuleRange, VerdictRule } from '../model/compliance/index.ts';
import type { Advisory, RatingSource, UnreadRecord, Vulnerability } from '../model/feed/index.ts';
import { type InstalledPackage, isOfEcosystem } from '../model/inventory/index.ts';
import type { Comparison } from '../model/order.ts';
import type { AssessmentOrigin, FeedOrigin, Gap, UncoveredPackage, Verdict } from '../model/verdict/index.ts';
import { assessedLines, type ExplainedSeverity } from './explained-severity.ts';
import { feedText } from './feed-text.ts';
import { gapText } from './gap-text.ts';
import { line } from './printable.ts';

/** Version of the JSON form; schemas/explanation.schema.json describes it. */
const explanationFormat = 'scapfeed/explanation/1';

/** The explanation of one vulnerability for all packages of one name. */
export interface Explained {
  tool: string;
  feed: FeedOrigin;
  image: { reference: string; digest?: string };
  platform: { id: string; name: string; updated?: string };
  vulnerability: string;
  name: string;
  /** The requested rating sources, in order; of these, those that the feed has. */
  severityFrom: readonly RatingSource[];
  /** Rating and exploitation data in the feed besides the distribution's data. */
  assessments: readonly AssessmentOrigin[];
  /** Reasons why a missing statement proves nothing: an end of life, product information of the image or records that could not be read. */
  gaps: readonly Gap[];
  verdicts: readonly Explanation[];
  uncovered: readonly UncoveredPackage[];
  /** Statements for other releases, by source. */
  elsewhere: readonly OtherRelease[];
  /** True if the feed contains the vulnerability. */
  known: boolean;
}

/** The explanation of one verdict. */
export interface Explanation extends ExplainedSeverity {
  vulnerability?: Vulnerability;
  advisories: readonly Advisory[];
  /** The rule that decides for the package, independent of its installed version. */
  rule?: VerdictRule;
  /** The comparison of the installed with the fixed version. Absent if no version decides. */
  comparison?: Comparison;
  layer?: string;
  record: VendorRecord;
}

/** The vendor's record behind a verdict, if its document is on this machine. */
export interface VendorRecord {
  /** URL of the vendor's document. */
  place?: string;
  /** Digest of the document as the vendor publishes it. Absent if it is not on this machine. */
  sha256?: string;
  pointer: string;
  /** The record itself, or why it cannot be shown. */
  text: string;
}

/** A statement for another release about the same vulnerability and package, and why it was not used. */
export interface OtherRelease {
  platform: string;
  claim: string;
  why: string;
}

export function explainedJson(explained: Explained): string {
  return `${JSON.stringify({ format: explanationFormat, ...explained }, undefined, 2)}\n`;
}

export function explainedText({ feed, verdicts, uncovered, elsewhere, ...asked }: Explained): string {
  const { gaps, assessments, platform } = asked;
  const packages = verdicts.length + uncovered.length;
  return [
    ...uncovered.flatMap(({ package: pkg, reason, detail, unread = [] }) => [
      line(`${pkg.name} ${pkg.version}: ${reason.replaceAll('_', ' ')} (${detail ?? ''})`),
      ...unread.map((record) => line(`  not read   ${recordText(record)}`)),
    ]),
    ...explanationTexts(verdicts, assessments),
    packages === 0 ? line(withoutStatement(asked)) : '',
    ...elsewhere.map(otherReleaseText),
    elsewhere.length > 0 || isOfEcosystem({ type: platform.id })
      ? ''
      : line('  elsewhere  no other release in this feed has a statement about it'),
    ...gaps.map((gap) => line(gapText(gap, platform.name))),
    line(feedText(feed)),
  ].join('');
}

/** `debian-tracker#/icu/CVE-2016-7415: 57-1-r2 (absurd version)` */
export function recordText({ reason, where, detail }: UnreadRecord): string {
  return `${where}${detail === undefined ? '' : `: ${detail}`} (${reason.replaceAll('_', ' ')})`;
}

function withoutStatement({
  platform,
  vulnerability,
  name,
  known,
}: Pick<Explained, 'platform' | 'vulnerability' | 'name' | 'known'>): string {
  const about = known ? 'the feed knows it from other packages or releases' : 'nothing in the feed names it';
  return `${platform.id} says nothing of ${vulnerability} in ${name}: ${about}`;
}

/** Packages of one source differ in nothing but their own lines: lines that are equal are printed once. */
function explanationTexts(
  verdicts: readonly Explanation[],
  assessments: readonly AssessmentOrigin[],
): string[] {
  const parts = verdicts.map((explanation) => {
    const { vulnerability, package: pkg, platform } = explanation.verdict;
    const facts = factsOf(explanation, assessments);
    return {
      ...{ vulnerability, name: pkg.name, on: `${platform}: ${statusText(explanation.verdict)}`, facts },
      installed: `${[pkg.name, pkg.version, pkg.arch].filter(Boolean).join(' ')}${pkg.state ? ` (${pkg.state})` : ''}, listed in ${pkg.database}`,
    };
  });
  const alike = Map.groupBy(parts, ({ vulnerability, on, facts }) =>
    JSON.stringify([vulnerability, on, facts]),
  );
  return [...alike.values()].map((same) => {
    const { vulnerability, on, facts } = same[0]!;
    const names = [...new Set(same.map(({ name }) => name))].join(', ');
    const lines = [...same.map(({ installed }) => ['installed', installed] as const), ...facts];
    return (
      line(`${vulnerability} in ${names} on ${on}`) +
      lines.map(([name, text]) => line(`  ${name.padEnd(9)}  ${text}`)).join('')
    );
  });
}

/** Facts of a verdict besides its package. */
function factsOf(
  { verdict, ...known }: Explanation,
  assessments: readonly AssessmentOrigin[],
): [string, string][] {
  const { package: pkg } = verdict;
  const lines: [string, string][] = [['source', `${pkg.source.name} ${pkg.source.version}`]];
  if (known.layer !== undefined) lines.push(['layer', known.layer]);
  if (verdict.fixedVersion !== undefined) {
    lines.push(['fixed in', [verdict.fixedVersion, ...known.advisories.map(advisoryText)].join('; ')]);
  }
  if (verdict.fixedVersion !== undefined) lines.push(['compared', comparisonText(verdict, known)]);
  if (known.rule?.ranges) lines.push(...rangeLines(known.rule.ranges, pkg.version));
  else if (known.rule) lines.push(['rule', ruleText(known.rule)]);
  if (verdict.reason !== undefined) lines.push(['reason', verdict.reason.replaceAll('_', ' ')]);
  lines.push(...assessedLines({ verdict, ...known }, assessments));
  if (verdict.marks.length > 0) lines.push(['marks', verdict.marks.join(', ').replaceAll('_', ' ')]);
  if (known.vulnerability?.description)
    lines.push(['about', known.vulnerability.description.replace(/\s+/g, ' ')]);
  lines.push(...recordLines(known.record));
  return lines;
}

function otherReleaseText({ platform, claim, why }: OtherRelease): string {
  return line(`  elsewhere  ${platform}: ${claim}; not applied: ${why}`);
}

function statusText({ status, fixState }: Pick<Verdict, 'status' | 'fixState'>): string {
  const words = status.replaceAll('_', ' ');
  return fixState === undefined
    ? words
    : `${words}, ${fixState === 'available' ? 'fix available' : fixState.replaceAll('_', ' ')}`;
}

function advisoryText({ id, date }: Advisory): string {
  return date === undefined ? id : `${id} of ${date}`;
}

/** `affected below 0:3.8.3-4.el9_4 (main-9.4)`: what was compared, apart from what is installed. */
function ruleText({ fixes, otherwise }: VerdictRule): string {
  const versions = fixes.map(({ version, stream }) => version + (stream === undefined ? '' : ` (${stream})`));
  if (!otherwise) return `fixed from ${versions.join(' or ')} on; nothing is said of earlier versions`;
  if (versions.length === 0) return `${statusText(otherwise)}, whatever the version`;
  const { status, fixState } = otherwise;
  const state =
    fixState === undefined || fixState === 'available' ? '' : `, ${fixState.replaceAll('_', ' ')}`;
  return `${status.replaceAll('_', ' ')} below ${versions.join(' and below ')}${state}`;
}

/** A record may enumerate thousands of versions. */
const shownRanges = 20;

/** The statement of each record about the flaw. */
function rangeLines(ranges: readonly RuleRange[], installed: string): [string, string][] {
  return ranges.map(({ advisories, affected, includes, imports = [] }) => {
    const more = affected.length - shownRanges;
    const texts = [...affected.slice(0, shownRanges), ...(more > 0 ? [`${more} more`] : [])];
    const record = advisories.length > 0 ? `${advisories.join(', ')}: ` : '';
    const where = imports.length > 0 ? `; in ${imports.join(', ')}` : '';
    return [
      'affected',
      `${record}${texts.join(', ')}; ${includes ? 'includes' : 'excludes'} ${installed}${where}`,
    ];
  });
}

/** Names of version orders that are not the type of the package. */
const orders: Readonly<Partial<Record<InstalledPackage['type'], string>>> = {
  alpm: 'pacman',
  deb: 'dpkg',
  ebuild: 'portage',
  oci: 'tag',
};

function comparisonText(
  { package: pkg, fixedVersion }: Verdict,
  { rule, comparison }: Pick<Explanation, 'rule' | 'comparison'>,
): string {
  const order = orders[pkg.type] ?? pkg.type;
  const sign = { '-1': 'is older than', '0': 'equals', '1': 'is newer than' }[String(comparison)];
  const installed =
    rule?.fixes.find(({ version }) => version === fixedVersion)?.installed ?? pkg.source.version;
  return `${installed} ${sign ?? 'cannot be compared with'} ${fixedVersion} (${order} order)`;
}

function recordLines({ place, sha256, pointer, text }: VendorRecord): [string, string][] {
  return [
    ...(place === undefined ? [] : [['document', place] as [string, string]]),
    ...(sha256 === undefined ? [] : [['digest', `sha256:${sha256}`] as [string, string]]),
    ['pointer', pointer === '' ? 'the whole document' : pointer],
    ['record', text],
  ];
}
