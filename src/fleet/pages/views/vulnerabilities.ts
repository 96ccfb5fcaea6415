import { type Severity, severities } from '../../../model/index.ts';
import { plural } from '../../../report/text-table.ts';
import { type OpenVulnerability, openVulnerabilities } from '../../view/open-flaws.ts';
import { severityColumn, vulnerabilityColumns } from '../columns.ts';
import {
  exploitedFilter,
  fixFilter,
  type ListFilter,
  pageFilters,
  severityFilter,
  wordFilter,
} from '../filters.ts';
import { html } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import { filterForm, packageLink } from '../parts.ts';
import { table } from '../table.ts';

const vulnerabilityFilters: readonly ListFilter<OpenVulnerability>[] = [
  wordFilter('Search by id or package', ({ vulnerability, sources }) => [vulnerability, ...sources]),
  severityFilter('', ({ severity }) => severities.indexOf(severity as Severity)),
  exploitedFilter(({ exploited }) => exploited),
  fixFilter(({ fixable }) => fixable > 0),
];

/** Every vulnerability of which an open flaw is known, with how many images have it. */
export async function vulnerabilitiesPage({ request, view }: ViewRequest): Promise<Page> {
  const all = await openVulnerabilities(view);
  const holders = await view.holders();
  const filters = pageFilters(vulnerabilityFilters, request);
  const rows = filters.test ? all.filter(filters.test) : all;
  const imagesOf = ({ packages }: OpenVulnerability) => holders.count(packages);
  return {
    title: 'Vulnerabilities',
    section: 'vulnerabilities',
    body: html`<h1>Vulnerabilities</h1>
${filterForm('/vulnerabilities', await filters.fields(view))}
<p class="sum" role="status">${plural(rows.length, 'vulnerability', 'vulnerabilities')} with an open flaw in an image that is judged</p>`,
    tables: [
      table<OpenVulnerability>({
        name: 'vulnerabilities',
        caption: 'Vulnerabilities',
        empty:
          'No open flaw like that is known. What is not read, not covered or not judged yet may have some.',
        columns: [
          severityColumn((row) => row, 'Worst'),
          ...vulnerabilityColumns<OpenVulnerability>((row) => row),
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
