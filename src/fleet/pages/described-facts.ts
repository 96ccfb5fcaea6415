import { dataDay } from '../../model/data-date.ts';
import type { Assessment } from '../../model/feed/index.ts';
import type { VulnerabilityDescription } from '../described.ts';
import { type Html, type HtmlPart, html, nothing } from './html.ts';
import { facts } from './parts.ts';

/** Characters of a description, and links: a feed may have any number of them. */
const longestText = 5_000;
const mostLinks = 12;

/** A feed's facts about a vulnerability; nothing if there is no feed, or it has none. */
export function describedFacts(described: VulnerabilityDescription | undefined): Html {
  if (!described?.known && !described?.assessment) return nothing;
  const { known, assessment, created } = described;
  const scores = [
    ...(known?.cvss ?? []).map((score) => ({ ...score, source: 'vendor' })),
    ...(assessment?.ratings ?? []),
  ];
  const text = known?.description ?? '';
  const cut = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  const cwe = new Set([...(known?.cwe ?? []), ...(assessment?.cwe ?? [])]);
  const links = (known?.references ?? []).filter((link) => /^https?:\/\/[^\s<>"]+$/.test(link));
  return html`<section class="card" aria-labelledby="described"><h2 id="described">${known?.title ?? 'What the feed says of it'}</h2>
${assessment?.rejected ? html`<p>Its CVE record was withdrawn.</p>` : nothing}
${cut === '' ? nothing : html`<p>${cut}</p>`}
${facts([
  ...scores.map(({ version, score, source, vector }): [string, HtmlPart] => [
    `CVSS ${version}, ${source}`,
    html`<b>${score.toFixed(1)}</b> <code>${vector}</code>`,
  ]),
  [
    'NVD',
    assessment?.deferred ? 'not rated: it has deferred the record, and does not plan to rate it' : undefined,
  ],
  ['EPSS', epssWords(assessment)],
  ['Exploited', exploitedWords(assessment)],
  ['Weakness', [...cwe].join(', ')],
  ['Published', known?.published?.slice(0, 10)],
  ['Rated so', known?.severityReason],
  [
    'Links',
    links.length === 0
      ? undefined
      : html`<ul>${links.slice(0, mostLinks).map((link) => html`<li><a href="${link}" rel="noreferrer">${link}</a></li>`)}</ul>`,
  ],
])}
<p class="dim">By the feed at hand, made of data of ${dataDay(created)}.</p></section>`;
}

function epssWords(assessment: Assessment | undefined): string | undefined {
  const { epss } = assessment ?? {};
  if (!epss) return undefined;
  return `${(100 * epss.probability).toFixed(2)} % within 30 days; as much as or more than ${(100 * epss.percentile).toFixed(1)} % of all vulnerabilities`;
}

function exploitedWords(assessment: Assessment | undefined): string | undefined {
  const { exploited } = assessment ?? {};
  if (!exploited) return undefined;
  const { added, due, ransomware } = exploited;
  return `in CISA’s catalog since ${added}${ransomware ? ', by ransomware' : ''}${due === undefined ? '' : `, to be fixed by ${due}`}`;
}
