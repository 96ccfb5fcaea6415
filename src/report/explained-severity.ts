import {
  type Assessment,
  isByRansomware,
  type SideRating,
  type Ssvc,
  type Urgency,
} from '../model/feed/index.ts';
import type { AssessmentOrigin, ViewedVerdict } from '../model/verdict/index.ts';
import { percent, tenths } from './rating-text.ts';

/** A verdict and all facts about its urgency. */
export interface ExplainedSeverity {
  verdict: ViewedVerdict;
  /** All ratings side by side. */
  ratings: readonly SideRating[];
  /** The assessment of the vulnerability by others than the distribution. */
  assessment?: Assessment;
  /** Web pages about it. */
  links: readonly string[];
}

/** The lines of `explain` about severity, exploitation and risk; `assessments`: the sources that the feed has. */
export function assessedLines(
  { verdict, ratings, assessment, links }: ExplainedSeverity,
  assessments: readonly AssessmentOrigin[],
): [string, string][] {
  const { suppressed, severity, severitySource: by, exploited, epss, risk, rejected } = verdict;
  const others = assessments.length > 0;
  const word = others && by ? `${severity} by ${by}` : severity;
  const lines: [string, string][] = [['severity', suppressed ? `${word} (${suppressed})` : word]];
  if (others || ratings.some(({ version }) => version)) {
    const all = ratings.map(ratingText);
    if (!ratings.some(({ source, version }) => ['vendor', 'ghsa'].includes(source) && !version))
      all.unshift('vendor: not rated');
    if (assessment?.deferred)
      all.push('nvd: not rated: NVD has deferred the record, and does not plan to rate it');
    lines.push(...all.map((text, at): [string, string] => [at === 0 ? 'ratings' : '', text]));
  }
  if (!others) return lines;
  if (rejected)
    lines.push(['rejected', 'the CVE record was withdrawn; only the distribution rates the flaw']);
  lines.push(...urgencyLines({ exploited, epss }, assessments));
  lines.push(['risk', risk === undefined ? 'not known' : `${tenths(risk)} of 100`]);
  if (assessment?.ssvc) lines.push(['SSVC', ssvcText(assessment.ssvc)]);
  return [...lines, ...links.map((link, at): [string, string] => [at === 0 ? 'links' : '', link])];
}

/** Known exploitation and its probability; what the feed lacks is not taken for its absence. */
export function urgencyLines(
  { exploited, epss }: Pick<Urgency, 'exploited' | 'epss'>,
  assessments: readonly AssessmentOrigin[],
): [string, string][] {
  return [
    ['exploited', exploited ? exploitedText(exploited) : absent('kev', 'not in KEV', assessments)],
    ['EPSS', epss ? epssText(epss, assessments) : absent('epss', 'not scored', assessments)],
  ];
}

/** `nvd: high 7.8 (CVSS 3.1) of 2024-03-01, CVSS:3.1/AV:L/…; this one decided` */
function ratingText({ source, severity, version, score, vector, date, decides }: SideRating): string {
  const scored = version === undefined ? '' : ` ${score!.toFixed(1)} (CVSS ${version})`;
  const dated = date === undefined ? '' : ` of ${date}`;
  const how = vector === undefined ? '' : `, ${vector}`;
  return `${source}: ${severity}${scored}${dated}${how}${decides ? '; this one decided' : ''}`;
}

function exploitedText(exploited: NonNullable<ViewedVerdict['exploited']>): string {
  const { added, due, eu, only } = exploited;
  return [
    ...(only === 'eu' ? [] : [`in KEV since ${added}`]),
    ...(due === undefined ? [] : [`to be fixed by ${due}`]),
    ...(eu ? [`in the EU's list since ${eu.reported} (${eu.id})`] : []),
    ...(isByRansomware(exploited) ? ['used by ransomware'] : []),
  ].join(', ');
}

function epssText(
  { probability, percentile }: NonNullable<ViewedVerdict['epss']>,
  assessments: readonly AssessmentOrigin[],
): string {
  const scores = assessments.find(({ id }) => id === 'epss')?.updated?.slice(0, 10);
  const dated = scores === undefined ? '' : `, scores of ${scores}`;
  return `probability ${percent(probability)} within 30 days (percentile ${ordinal(percentile)})${dated}`;
}

/** `92nd`: how FIRST writes percentiles, so that nobody takes one for a probability. */
function ordinal(share: number): string {
  const number = Math.floor(share * 100 + 1e-9);
  const teen = number % 100 >= 11 && number % 100 <= 13;
  const suffix = teen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  return `${number}${suffix}`;
}

function absent(id: AssessmentOrigin['id'], words: string, assessments: readonly AssessmentOrigin[]): string {
  return assessments.some((source) => source.id === id) ? words : 'not in this feed';
}

function ssvcText({ exploitation, automatable, impact, date }: Ssvc): string {
  const dated = date === undefined ? '' : `, ${date}`;
  return `exploitation ${exploitation}, automatable ${automatable}, technical impact ${impact} (CISA${dated})`;
}
