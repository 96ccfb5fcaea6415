import { documentDate } from '../../model/data-date.ts';
import { type Severity, type Vulnerability, worseSeverity } from '../../model/feed/index.ts';
import { type InstalledPackage, isOfEcosystem } from '../../model/inventory/index.ts';
import { hiddenWords, sourceKey } from '../../model/verdict/index.ts';
import { inMarkdown } from '../formats/markdown.ts';
import {
  type EntryLocation,
  type EntryRule,
  imageFacts,
  notice,
  noticesOf,
  type ReportEntry,
  type ReportNotice,
  type ReportSubject,
  severityLevels,
} from '../subject.ts';
import { plural } from '../text-table.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { baseOf, basesText } from './base-text.ts';
import { unlistedFlaws } from './counts.ts';
import { ignoredText } from './exceptions-text.ts';
import { fixDate } from './fix-date.ts';
import { type FlawFacts, flawFacts } from './flaw-facts.ts';
import { type Flaw, ignoredFlaws, packageNames } from './flaws.ts';
import type { ScanReport } from './report.ts';
import { unseenText } from './unseen-text.ts';
import { remedyText, stateWord } from './words.ts';

/** An entry for each flaw, of the rule that is its vulnerability. */
export function scanSubject({ report }: { report: ScanReport }): ReportSubject {
  const { result, asked, shown, policy, facts, name } = report;
  const vendorData = documentDate(result.platform.updated);
  const { signed, inventory, bases } = result;
  return {
    toolVersion: report.toolVersion,
    name,
    category: `scapfeed-scan/${name}`,
    entries: entriesOf(report, [...report.flaws(), ...ignoredFlaws(asked, shown)]),
    notices: noticesOf(
      { ...(signed && { signed }), notes: inventory.notes },
      undefined,
      noticesOfScan(report),
    ),
    exitCode: policy.exitCode,
    facts: {
      ...imageFacts(result.image),
      platform: result.platform.id,
      ...(vendorData && { vendorData }),
      feedDigest: facts.digest(),
      ...(bases && { bases }),
      counts: report.counts(),
    },
  };
}

function* entriesOf(report: ScanReport, flaws: readonly Flaw[]): Iterable<ReportEntry> {
  const worst = worstSeverities(flaws);
  for (const flaw of byPlace(flaws)) {
    const { verdict, verdicts } = flaw;
    const { vulnerability, severity, package: pkg } = verdict;
    yield {
      ruleId: vulnerability,
      rule: () => ruleOf(flaw, worst.get(vulnerability)!, flawFacts(report, flaw)),
      state: 'found',
      severity,
      level: severityLevels[severity].level,
      message: messageOf(flaw),
      path: pkg.database,
      places: [
        ...verdicts.map(
          ({ package: one }): EntryLocation => ({
            name: one.name,
            fullName: report.names.purl(one),
            kind: 'package',
          }),
        ),
        ...layersOf(report, flaw),
      ],
      identity: [vulnerability, ...placeOf(pkg)],
      ...(verdict.ignored === undefined ? {} : { accepted: ignoredText(verdict.ignored) }),
      properties: {
        installedVersion: pkg.source.version,
        ...(verdict.fixedVersion === undefined ? {} : { fixedVersion: verdict.fixedVersion }),
        status: verdict.status,
        ...(verdict.fixState === undefined ? {} : { fixState: verdict.fixState }),
        severity,
        ...urgencyOf(flaw),
        ...baseOf(flaw),
        ...dateOf(flaw, report),
        evidence: verdict.evidence,
      },
    };
  }
}

/** Copies of a package of a language are flaws of their own files. */
function placeOf(pkg: InstalledPackage): string[] {
  return isOfEcosystem(pkg) ? [sourceKey(pkg), pkg.database] : [pkg.source.name];
}

function* byPlace(flaws: readonly Flaw[]): Generator<Flaw> {
  for (const flaw of flaws) {
    const places = new Map<string, Flaw['verdicts']>();
    for (const verdict of flaw.verdicts) {
      const place = placeOf(verdict.package).join('\0');
      const known = places.get(place);
      if (known) known.push(verdict);
      else places.set(place, [verdict]);
    }
    for (const verdicts of places.values()) yield { verdict: verdicts[0]!, verdicts };
  }
}

function dateOf({ verdict }: Flaw, { facts }: ScanReport): { fixDate?: string } {
  const date = fixDate(verdict, facts.advisory);
  return date === undefined ? {} : { fixDate: date };
}

/** The source of the severity, and the known exploitation; under the names that JSON has. */
function urgencyOf({ verdict }: Flaw): Partial<Flaw['verdict']> {
  const { severitySource, vendorSeverity, rejected, exploited, epss, risk } = verdict;
  return {
    ...(severitySource && { severitySource }),
    ...(vendorSeverity && { vendorSeverity }),
    ...(rejected && { rejected }),
    ...(exploited && { exploited }),
    ...(epss && { epss }),
    ...(risk !== undefined && { risk }),
  };
}

/** One rule has one severity on GitHub: the worst that the vulnerability has in any package. */
function worstSeverities(flaws: readonly Flaw[]): Map<string, Severity> {
  const worst = new Map<string, Severity>();
  for (const { verdict } of flaws) {
    const known = worst.get(verdict.vulnerability) ?? 'unknown';
    worst.set(verdict.vulnerability, worseSeverity(verdict.severity, known));
  }
  return worst;
}

/** GitHub reads a number and shows its band. The severity that was decided stands; a score within its band says it finer. */
const bands: Record<Exclude<Severity, 'unknown'>, { least: number; most: number }> = {
  critical: { least: 9.1, most: 10 },
  high: { least: 7, most: 9 },
  medium: { least: 4, most: 6.9 },
  low: { least: 0.1, most: 3.9 },
  negligible: { least: 0.1, most: 0.1 },
};

function securitySeverity(severity: Severity, score: number | undefined): number | undefined {
  if (severity === 'unknown') return undefined;
  const { least, most } = bands[severity];
  return score !== undefined && score >= least && score <= most ? score : severityLevels[severity].number;
}

function ruleOf(flaw: Flaw, severity: Severity, { known, score, links, page }: FlawFacts): EntryRule {
  const { vulnerability } = flaw.verdict;
  const number = securitySeverity(severity, score?.score);
  return {
    id: vulnerability,
    short: known?.title ?? `${vulnerability} in ${flaw.verdict.package.source.name}`,
    full: known?.description ?? known?.title ?? `The vendor says that this version has ${vulnerability}.`,
    help: { text: helpText(flaw, links), markdown: helpMarkdown(flaw, known, links) },
    ...(page === undefined ? {} : { helpUri: page }),
    level: severityLevels[severity].level,
    tags: ['security', 'vulnerability', severity, ...(known?.cwe ?? []).slice(0, 5).map(cweTag)],
    ...(number === undefined ? {} : { securitySeverity: number }),
    properties: { ...(score === undefined ? {} : { cvss: score.vector }) },
  };
}

function cweTag(cwe: string): string {
  return `external/cwe/${cwe.toLowerCase()}`;
}

function helpText(flaw: Flaw, links: readonly string[]): string {
  return [remedyText(flaw), ...links].join('\n');
}

function helpMarkdown(flaw: Flaw, known: Vulnerability | undefined, links: readonly string[]): string {
  const { severityReason } = known ?? {};
  return [
    `**${inMarkdown(remedyText(flaw))}**`,
    ...(severityReason === undefined ? [] : [inMarkdown(severityReason)]),
    links.map((link) => `- <${encodeURI(decodeSafely(link))}>`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** A link that is percent-encoded already is not encoded twice. */
function decodeSafely(link: string): string {
  try {
    return decodeURI(link);
  } catch {
    return link;
  }
}

function messageOf(flaw: Flaw): string {
  const { vulnerability, severity, package: pkg } = flaw.verdict;
  const names = packageNames(flaw).join(', ');
  const layer = pkg.layer === undefined ? '' : `, from layer ${pkg.layer + 1}`;
  return `${vulnerability} (${severity}) in ${names}, version ${pkg.source.version} of source ${pkg.source.name}${layer}: ${stateWord(flaw.verdict)}. ${remedyText(flaw)}`;
}

/** The layers that installed the packages of a flaw. */
function layersOf({ result }: ScanReport, { verdicts }: Flaw): EntryLocation[] {
  const { layers } = result.image;
  const numbers = [...new Set(verdicts.flatMap(({ package: { layer } }) => layer ?? []))];
  return numbers.flatMap((number) => {
    const id = layers[number]?.diffId ?? layers[number]?.digest;
    return id === undefined ? [] : [{ name: `layer ${number + 1}`, fullName: id, kind: 'module' }];
  });
}

function noticesOfScan(report: ScanReport): ReportNotice[] {
  const { result } = report;
  const { filtered } = report.counts();
  const left = `${plural(filtered, 'flaw')} left out by --severity or --only-fixed`;
  return [
    ...result.gaps.flatMap(({ code, where, detail }) =>
      notice(
        'error',
        code,
        `not clean, because the result is not about the whole image: ${where === undefined ? '' : `${where}: `}${detail}`,
      ),
    ),
    ...Object.entries(unlistedFlaws(report)).flatMap(([kind, count]) =>
      notice(
        'note',
        `hidden-${kind}`,
        `${plural(count, 'flaw')} ${hiddenWords[kind as keyof typeof hiddenWords]}; --all lists them`,
      ),
    ),
    ...notice('note', 'filtered', filtered > 0 ? left : undefined),
    ...notice('warning', 'unrated', unseenText(report)),
    ...notice('warning', 'unjudged', unjudgedText(result.unjudged)),
    ...basesText(result).flatMap((text) => notice('note', 'base-image', text)),
  ];
}
