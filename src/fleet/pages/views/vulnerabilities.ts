import { type Severity, severities } from '../../../model/index.ts';
import { plural } from '../../../report/text-table.ts';
import { type OpenVulnerability, openVulnerabilities } from '../../view/open-flaws.ts';
import { html } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import {
  choice,
  exploitedChoices,
  filterForm,
  fixChoices,
  packageLink,
  searchField,
  severityChoices,
  severityWord,
  vulnerabilityLink,
} from '../parts.ts';
import { textParameter } from '../request.ts';
import { table } from '../table.ts';

/** Every vulnerability of which an open flaw is known, with how many images have it. */
export async function vulnerabilitiesPage({ request, view }: ViewRequest): Promise<Page> {
  const all = await openVulnerabilities(view);
  const holders = await view.holders();
  const q = textParameter(request, 'q');
  const severity = choice(request, 'severity', 'Severity', severityChoices);
  const exploited = choice(request, 'exploited', 'Exploited', exploitedChoices);
  const fix = choice(request, 'fix', 'Fix', fixChoices);
  const word = q.toLowerCase();
  const least = severities.indexOf(severity.value as Severity);
  const rows = all.filter(
    (row) =>
      severities.indexOf(row.severity as Severity) >= least &&
      (exploited.value === '' || row.exploited) &&
      (fix.value === '' || (fix.value === 'available' ? row.fixable > 0 : row.fixable === 0)) &&
      (word === '' ||
        row.vulnerability.toLowerCase().includes(word) ||
        row.sources.some((source) => source.toLowerCase().includes(word))),
  );
  const imagesOf = ({ packages }: OpenVulnerability) => holders.count(packages);
  return {
    title: 'Vulnerabilities',
    section: 'vulnerabilities',
    body: html`<h1>Vulnerabilities</h1>
${filterForm('/vulnerabilities', [
  searchField('Search by id or package', q),
  ...[severity, exploited, fix].map(({ field }) => field),
])}
<p class="sum" role="status">${plural(rows.length, 'vulnerability', 'vulnerabilities')} with an open flaw in an image that is judged</p>`,
    tables: [
      table<OpenVulnerability>({
        name: 'vulnerabilities',
        caption: 'Vulnerabilities',
        empty:
          'No open flaw like that is known. What is not read, not covered or not judged yet may have some.',
        columns: [
          {
            key: 'severity',
            title: 'Worst',
            value: (row) => row.severity,
            html: (row) => severityWord(row.severity),
            kind: 'word',
          },
          {
            key: 'vulnerability',
            title: 'Vulnerability',
            value: (row) => row.vulnerability,
            html: (row) => vulnerabilityLink(row.vulnerability, row.exploited),
            kind: 'word',
          },
          { key: 'exploited', title: 'Exploited', value: (row) => row.exploited, isData: true },
          {
            key: 'packages',
            title: 'Packages',
            value: ({ sources }) => sources.join(' '),
            html: ({ sources }) =>
              html`${sources.slice(0, 3).map((source) => html`${packageLink(source)} `)}${sources.length > 3 ? `and ${sources.length - 3} more` : ''}`,
          },
          { key: 'images', title: 'Images', value: imagesOf, kind: 'number' },
          { key: 'fix', title: 'Fix', value: fixText, kind: 'word' },
        ],
        rows,
      }),
    ],
  };
}

function fixText({ fixable, packages }: OpenVulnerability): string {
  if (fixable === 0) return 'none to install';
  return fixable === packages.length ? 'to install' : 'for some builds';
}
