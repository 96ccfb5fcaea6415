import { cvssSeverity } from '../model/feed/index.ts';
import { escapeHtml } from '../model/markup.ts';
import { urgencyLines } from '../report/explained-severity.ts';
import { factList } from '../report/formats/html.ts';
import type { Found, FoundStatement } from './search.ts';

/** Rows that a page shows of a package with many statements. */
const mostRows = 1000;

/** The page of a vulnerability, an advisory or a package. */
export function foundHtml(found: Found): string {
  const { name, kind, statements } = found;
  const platforms = new Set(statements.map(({ platform }) => platform)).size;
  const shown = statements.slice(0, mostRows);
  const cut =
    shown.length < statements.length
      ? `<p class="notice">The first ${shown.length} of ${statements.length} statements: search a vulnerability for what is left out.</p>`
      : '';
  return `<h2>${escapeHtml(name)}</h2>
<p>${statements.length} statements of ${platforms} platforms.</p>
${kind === 'vulnerability' ? aboutFlaw(found) : ''}
${kind === 'package' ? '' : notNamed}
${cut}
${statementTable(shown)}`;
}

/** That a platform has no row means nothing by itself. */
const notNamed =
  '<p>A platform without a row has no statement here: its packages are clean only if its data covers them.</p>';

/** That nothing names it, which is no verdict. */
export function notFoundHtml(text: string): string {
  return `<h2>${escapeHtml(text)}</h2>
<p class="notice">No statement of this feed names it, which the signed index proves. Whether the feed covers your packages is another question: judge an SBOM.</p>`;
}

function aboutFlaw({ vulnerability: known, assessment, origins }: Found): string {
  const rejected = assessment?.rejected ? '<p class="notice">The CVE record was withdrawn.</p>' : '';
  const scores = [
    ...(known?.cvss ?? []).map((score) => ({ ...score, source: score.source ?? 'vendor', date: undefined })),
    ...(assessment?.ratings ?? []),
  ];
  const ratings = scores.map(({ source, version, score, vector, date }) =>
    row([
      ['Source', escapeHtml(source)],
      ['Severity', escapeHtml(cvssSeverity({ version, score }))],
      ['Score', `${score.toFixed(1)} (CVSS ${escapeHtml(version)})`],
      ['Vector', `<code>${escapeHtml(vector)}</code>`],
      ['Date', escapeHtml(date ?? '')],
    ]),
  );
  const facts = factList([
    ...urgencyLines({ exploited: assessment?.exploited, epss: assessment?.epss }, origins),
    ['by the vendor', known?.exploited ? 'exploited' : undefined],
    ['weakness', known?.cwe?.join(', ') ?? assessment?.cwe?.join(', ')],
    ['published', known?.published?.slice(0, 10)],
    ['also', known?.aliases?.join(', ')],
  ]);
  const links = (known?.references ?? []).flatMap((url) => linkTo(url, url));
  return `${known?.title === undefined ? '' : `<p><b>${escapeHtml(known.title)}</b></p>`}
${rejected}
${known?.description === undefined ? '' : `<p class="text">${escapeHtml(known.description)}</p>`}
${facts}
${ratings.length === 0 ? '<p>No source of this feed has scored it.</p>' : table(['Source', 'Severity', 'Score', 'Vector', 'Date'], ratings)}
${links.length === 0 ? '' : `<ul>${links.map((link) => `<li>${link}</li>`).join('')}</ul>`}`;
}

function statementTable(statements: readonly FoundStatement[]): string {
  const columns = [
    'Platform',
    'Package',
    'Flaws',
    'Statement',
    severityOfVendor,
    'Advisories',
    'Since',
    'Evidence',
  ];
  return table(
    columns,
    statements.map(({ platform, package: name, ids, text, severity, advisories, evidence, page }) =>
      row([
        ['Platform', `<code>${escapeHtml(platform)}</code>`],
        ['Package', searchLink(name)],
        ['Flaws', `<span>${ids.map(searchLink).join(' ')}</span>`],
        ['Statement', escapeHtml(text)],
        [
          severityOfVendor,
          `<span class="${severity}">${severity === 'unknown' ? 'not rated' : severity}</span>`,
        ],
        ['Advisories', advisoryLinks(advisories)],
        ['Since', escapeHtml(advisories.flatMap(({ date }) => date ?? []).sort()[0] ?? '')],
        [
          'Evidence',
          `<span>${[...linkTo(page, 'page'), `<code>${escapeHtml(evidence)}</code>`].join(' ')}</span>`,
        ],
      ]),
    ),
  );
}

function advisoryLinks(advisories: FoundStatement['advisories']): string {
  const links = advisories.map(({ id, url }) => linkTo(url, id)[0] ?? searchLink(id));
  return links.length === 0 ? '' : `<span>${links.join(' ')}</span>`;
}

/** The vendor's own: what others rate stands above the statements. */
const severityOfVendor = 'Severity by vendor';

function table(columns: readonly string[], rows: readonly string[]): string {
  const head = columns.map((name) => `<th scope="col">${name}</th>`).join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function row(cells: readonly (readonly [column: string, html: string])[]): string {
  return `<tr>${cells.map(([column, html]) => `<td data-column="${column}">${html}</td>`).join('')}</tr>`;
}

function searchLink(name: string): string {
  return `<a href="#/${escapeHtml(encodeURIComponent(name))}">${escapeHtml(name)}</a>`;
}

/** Empty for what is no address of the web. */
function linkTo(url: string | undefined, text: string): string[] {
  if (url === undefined || !/^https?:\/\/[^\s<>"]+$/.test(url)) return [];
  return [`<a href="${escapeHtml(url)}" rel="noreferrer">${escapeHtml(text)}</a>`];
}
