import { plural } from '../../../report/text-table.ts';
import { type OpenVulnerability, openVulnerabilities } from '../../view/open-flaws.ts';
import { pageFilters } from '../filters.ts';
import { html } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import { filterForm } from '../parts.ts';
import { table } from '../table.ts';
import { openVulnerabilityColumns, vulnerabilityFilters } from '../tables/open-flaws.ts';

/** Every vulnerability of which an open flaw is known, with how many images have it. */
export async function vulnerabilitiesPage({ request, view }: ViewRequest): Promise<Page> {
  const all = await openVulnerabilities(view);
  const filters = pageFilters(vulnerabilityFilters, request);
  const rows = filters.test ? all.filter(filters.test) : all;
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
        columns: openVulnerabilityColumns(await view.holders()),
        rows,
      }),
    ],
  };
}
