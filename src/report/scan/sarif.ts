import {
  documentDate,
  hiddenWords,
  type InstalledPackage,
  isOfEcosystem,
  type Severity,
  sourceKey,
  type Vulnerability,
  worseSeverity,
} from '../../model/index.ts';
import { noteLine } from '../note-text.ts';
import {
  inMarkdown,
  type SarifNotification,
  type SarifPlace,
  type SarifResult,
  type SarifRule,
  type SarifRun,
  sarifLog,
  sarifUri,
} from '../sarif/log.ts';
import { sarifSeverities } from '../sarif/severity.ts';
import { signatureNotification } from '../sarif/signature-notification.ts';
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

/** Formats a scan as SARIF 2.1.0: a rule for each vulnerability, a result for each flaw. */
export function scanSarif(report: ScanReport): Iterable<string> {
  return sarifLog(scanRun(report));
}

/** The run of one image; several images have one each. */
export function scanRun(report: ScanReport): SarifRun {
  const { result, asked, shown, policy, facts, name } = report;
  const { reference, digest } = result.image;
  const vendorData = documentDate(result.platform.updated);
  return {
    toolVersion: report.toolVersion,
    category: `scapfeed-scan/${name}`,
    results: resultsOf(report, [...report.flaws(), ...ignoredFlaws(asked, shown)], name),
    notifications: notificationsOf(report),
    exitCode: policy.exitCode,
    properties: {
      image: reference,
      ...(digest === undefined ? {} : { imageDigest: digest }),
      platform: result.platform.id,
      ...(vendorData && { vendorData }),
      feedDigest: facts.digest(),
      ...(result.bases && { bases: result.bases }),
      counts: report.counts(),
    },
  };
}

function* resultsOf(report: ScanReport, flaws: readonly Flaw[], name: string): Iterable<SarifResult> {
  const worst = worstSeverities(flaws);
  const rules = new Map<string, SarifRule>();
  const uris = new Map<string, string>();
  for (const flaw of byPlace(flaws)) {
    const { vulnerability, severity, package: pkg } = flaw.verdict;
    let rule = rules.get(vulnerability);
    if (!rule) {
      rule = ruleOf(flaw, worst.get(vulnerability)!, flawFacts(report, flaw));
      rules.set(vulnerability, rule);
    }
    const packages = flaw.verdicts.map((verdict) => verdict.package);
    const uri = uris.get(pkg.database) ?? sarifUri(name, pkg.database);
    uris.set(pkg.database, uri);
    yield {
      rule,
      level: sarifSeverities[severity].level,
      message: messageOf(flaw),
      uri,
      logical: [
        ...packages.map(
          (one): SarifPlace => ({
            name: one.name,
            fullName: report.names.purl(one),
            kind: 'package',
          }),
        ),
        ...layersOf(report, flaw),
      ],
      identity: [vulnerability, ...placeOf(pkg), name],
      ...(flaw.verdict.ignored === undefined ? {} : { suppressed: ignoredText(flaw.verdict.ignored) }),
      properties: {
        installedVersion: pkg.source.version,
        ...(flaw.verdict.fixedVersion === undefined ? {} : { fixedVersion: flaw.verdict.fixedVersion }),
        status: flaw.verdict.status,
        ...(flaw.verdict.fixState === undefined ? {} : { fixState: flaw.verdict.fixState }),
        severity,
        ...urgencyOf(flaw),
        ...baseOf(flaw),
        ...dateOf(flaw, report),
        evidence: flaw.verdict.evidence,
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
  return score !== undefined && score >= least && score <= most ? score : sarifSeverities[severity].number;
}

function ruleOf(flaw: Flaw, severity: Severity, { known, score, links, page }: FlawFacts): SarifRule {
  const { vulnerability } = flaw.verdict;
  const number = securitySeverity(severity, score?.score);
  return {
    id: vulnerability,
    short: known?.title ?? `${vulnerability} in ${flaw.verdict.package.source.name}`,
    full: known?.description ?? known?.title ?? `The vendor says that this version has ${vulnerability}.`,
    help: { text: helpText(flaw, links), markdown: helpMarkdown(flaw, known, links) },
    ...(page === undefined ? {} : { helpUri: page }),
    level: sarifSeverities[severity].level,
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
function layersOf({ result }: ScanReport, { verdicts }: Flaw): SarifPlace[] {
  const { layers } = result.image;
  const numbers = [...new Set(verdicts.flatMap(({ package: { layer } }) => layer ?? []))];
  return numbers.flatMap((number) => {
    const id = layers[number]?.diffId ?? layers[number]?.digest;
    return id === undefined ? [] : [{ name: `layer ${number + 1}`, fullName: id, kind: 'module' }];
  });
}

function notificationsOf(report: ScanReport): SarifNotification[] {
  const { result } = report;
  const counts = report.counts();
  const unjudged = unjudgedText(result.unjudged);
  const unseen = unseenText(report);
  return [
    ...signatureNotification(result),
    ...result.gaps.map(
      ({ code, where, detail }): SarifNotification => ({
        level: 'error',
        id: code,
        text: `not clean, because the result is not about the whole image: ${where === undefined ? '' : `${where}: `}${detail}`,
      }),
    ),
    ...Object.entries(unlistedFlaws(report)).map(
      ([kind, count]): SarifNotification => ({
        level: 'note',
        id: `hidden-${kind}`,
        text: `${plural(count, 'flaw')} ${hiddenWords[kind as keyof typeof hiddenWords]}; --all lists them`,
      }),
    ),
    ...(counts.filtered > 0
      ? [
          {
            level: 'note',
            id: 'filtered',
            text: `${plural(counts.filtered, 'flaw')} left out by --severity or --only-fixed`,
          } as const,
        ]
      : []),
    ...(unseen === undefined ? [] : [{ level: 'warning', id: 'unrated', text: unseen } as const]),
    ...(unjudged === undefined ? [] : [{ level: 'warning', id: 'unjudged', text: unjudged } as const]),
    ...basesText(result).map((text): SarifNotification => ({ level: 'note', id: 'base-image', text })),
    ...result.inventory.notes.map(
      (note): SarifNotification => ({ level: 'note', id: note.code, text: noteLine(note) }),
    ),
  ];
}
