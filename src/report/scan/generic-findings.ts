import { hash } from 'node:crypto';
import { isByRansomware, type Severity } from '../../model/feed/index.ts';
import { compareCodeUnits } from '../../model/order.ts';
import { jsonParts } from '../formats/json.ts';
import { signatureFault } from '../signed-verdict.ts';
import { unjudgedText } from '../unjudged-text.ts';
import { ignoredText } from './exceptions-text.ts';
import { type FlawFacts, flawFacts } from './flaw-facts.ts';
import { type Flaw, ignoredFlaws } from './flaws.ts';
import { fileOf } from './places.ts';
import type { ScanReport } from './report.ts';
import { unseenText } from './unseen-text.ts';
import { fixVersion, remedyText, stableImageName } from './words.ts';

/**
 * Formats a scan as DefectDojo's Generic Findings Import. One finding for each flaw of a package, in a file if it has one of its own. DefectDojo
 * compares title and description, or `unique_id_from_tool`: these have no versions, counts, ages and texts that vendors edit, and the
 * image's name without tag and digest. It refuses a file with a member that it does not know.
 */
export function genericFindings(report: ScanReport): Iterable<string> {
  return jsonParts({ findings: findingsOf(report) });
}

function* findingsOf(report: ScanReport): Iterable<object> {
  const image = stableImageName(report.result.image.reference);
  const written = new Set<string>();
  for (const flaw of [...report.lines(), ...ignoredFlaws(report.asked, report.shown)]) {
    const facts = flawFacts(report, flaw);
    for (const verdict of flaw.verdicts) {
      const one = { verdict, verdicts: [verdict] };
      const finding = findingOf(one, facts, report, image);
      // Packages of several architectures are one component there.
      if (written.has(finding.unique_id_from_tool)) continue;
      written.add(finding.unique_id_from_tool);
      yield finding;
    }
  }
  yield* unknownsOf(report, image);
}

const severities: Record<Severity, string> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  negligible: 'Low',
  unknown: 'Info',
};

function findingOf(flaw: Flaw, facts: FlawFacts, report: ScanReport, image: string) {
  const { verdict } = flaw;
  const { vulnerability, package: pkg, severity, exploited, epss, ignored, aliases = [] } = verdict;
  const file = fileOf(pkg, report.result);
  const place = `${pkg.name}${file === undefined ? '' : ` (${file})`}`;
  const fix = verdict.fixState === 'available' ? fixVersion(verdict) : undefined;
  const text = facts.known?.description ?? facts.known?.title;
  return {
    title: cut(`${vulnerability} in ${place}`, 500),
    description: `${vulnerability} affects ${place} of ${image}.`,
    severity: severities[severity],
    mitigation: [remedyText(flaw), ...(ignored ? [ignoredText(ignored)] : [])].join('\n'),
    ...(text === undefined ? {} : { impact: text }),
    references: facts.links.join('\n'),
    active: ignored === undefined,
    component_name: cut(pkg.name, 500),
    component_version: cut(pkg.version, 100),
    fix_available: fix !== undefined,
    ...(fix === undefined ? {} : { fix_version: cut(fix, 100) }),
    ...vectorOf(facts),
    ...(epss && { epss_score: epss.probability, epss_percentile: epss.percentile }),
    ...(exploited && {
      known_exploited: true,
      ransomware_used: isByRansomware(exploited),
      kev_date: exploited.added.slice(0, 10),
    }),
    vulnerability_ids: [...new Set([vulnerability, ...aliases])],
    vuln_id_from_tool: vulnerability,
    unique_id_from_tool: idOf(image, pkg.type, pkg.name, file ?? '', vulnerability),
    service: cut(image, 200),
    tags: [...(severity === 'unknown' ? ['unrated'] : []), ...(ignored ? [`ignored-by-${ignored.by}`] : [])],
  };
}

function vectorOf({ score }: FlawFacts): object {
  if (!score?.vector) return {};
  if (score.version.startsWith('3.')) return { cvssv3: score.vector };
  return score.version === '4.0' ? { cvssv4: score.vector } : {};
}

/** The schema has no word for what was not judged: each is a finding of its own, so that no empty list looks clean. */
function* unknownsOf(report: ScanReport, image: string): Iterable<object> {
  const { result } = report;
  const fault = signatureFault(result);
  const unseen = unseenText(report);
  const unjudged = unjudgedText(result.unjudged);
  const unknowns = [
    ...(fault ? [['signatures', fault.text] as const] : []),
    ...result.gaps.map(
      ({ code, where, detail }) => [code, [where, detail].filter(Boolean).join(': ')] as const,
    ),
    ...(unseen === undefined ? [] : [['unrated', unseen] as const]),
    ...(unjudged === undefined ? [] : [['no_feed', unjudged] as const]),
  ];
  for (const [code, found] of Map.groupBy(unknowns, ([code]) => code)) {
    const words = code.replaceAll('_', ' ');
    yield {
      title: `Not judged: ${words}`,
      description: `A part of ${image} was not judged: ${words}.`,
      severity: 'Info',
      impact: found
        .map(([, text]) => text)
        .sort(compareCodeUnits)
        .join('\n'),
      active: true,
      unique_id_from_tool: idOf(image, '', '', '', code),
      service: cut(image, 200),
      tags: ['not-judged'],
    };
  }
}

/** Its database refuses longer texts, and with one the whole file. */
function cut(text: string, most: number): string {
  return text.slice(0, most);
}

/** Lengths keep names apart that would join to the same text. */
function idOf(...parts: readonly string[]): string {
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join(''));
}
