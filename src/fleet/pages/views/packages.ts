import { type Severity, severities } from '../../../model/index.ts';
import { plural } from '../../../report/text-table.ts';
import { type SourceUpgrade, upgrades } from '../../view/open-flaws.ts';
import { pageFilters, severityFilter, wordFilter } from '../filters.ts';
import { html } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import { exploitedBadge, filterForm, packageLink, severityWord } from '../parts.ts';
import { type Table, table } from '../table.ts';

/** Upgrades with the number of flaws that they remove, and of images. */
export async function packagesPage({ request, view }: ViewRequest): Promise<Page> {
  const all = await upgrades(view);
  const filters = pageFilters<SourceUpgrade>(
    [
      wordFilter('Search by source package', ({ source }) => [source]),
      severityFilter('', ({ severity }) => severities.indexOf(severity as Severity)),
    ],
    request,
  );
  const rows = filters.test ? all.filter(filters.test) : all;
  return {
    title: 'Packages',
    section: 'packages',
    body: html`<h1>Packages to upgrade</h1>
${filterForm('/packages', await filters.fields(view))}
<p class="sum" role="status">${plural(rows.length, 'source package')} with flaws whose fix can be installed. A package that is not here has no such flaw that is known; its own page tells what is known of it.</p>`,
    tables: [upgradeTable(rows)],
  };
}

export function upgradeTable(rows: readonly SourceUpgrade[], caption = 'Upgrades'): Table {
  return table<SourceUpgrade>({
    name: 'upgrades',
    caption,
    empty: 'No fix waits to be installed in what is judged.',
    columns: [
      {
        key: 'source',
        title: 'Source package',
        value: ({ source }) => source,
        html: ({ source }) => packageLink(source),
        kind: 'name',
      },
      {
        key: 'severity',
        title: 'Worst',
        value: (row) => row.severity,
        html: (row) => html`${severityWord(row.severity)} ${row.exploited ? exploitedBadge : ''}`,
        kind: 'word',
      },
      { key: 'exploited', title: 'Exploited', value: ({ exploited }) => exploited, isData: true },
      { key: 'flaws', title: 'Flaws go', value: ({ flaws }) => flaws, kind: 'number' },
      { key: 'images', title: 'In images', value: ({ images }) => images, kind: 'number' },
    ],
    rows,
  });
}
