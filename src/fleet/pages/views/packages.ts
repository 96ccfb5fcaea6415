import { plural } from '../../../report/text-table.ts';
import { baseGroups } from '../../view/bases.ts';
import { type SourceUpgrade, upgrades } from '../../view/open-flaws.ts';
import { baseTable } from '../base-parts.ts';
import { pageFilters } from '../filters.ts';
import { html } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import { filterForm } from '../parts.ts';
import { type Table, table } from '../table.ts';
import { upgradeColumns, upgradeFilters } from '../tables/open-flaws.ts';

/** Upgrades with the number of flaws that they remove, and of images. */
export async function packagesPage({ request, view }: ViewRequest): Promise<Page> {
  const all = await upgrades(view);
  const filters = pageFilters(upgradeFilters, request);
  const rows = filters.test ? all.filter(filters.test) : all;
  const bases = await baseGroups(view);
  return {
    title: 'Packages',
    section: 'packages',
    body: html`<h1>Packages to upgrade</h1>
${filterForm('/packages', await filters.fields(view))}
<p class="sum" role="status">${plural(rows.length, 'source package')} with flaws whose fix can be installed. A package that is not here has no such flaw that is known; its own page has what is known of it.</p>`,
    tables: [upgradeTable(rows), ...(bases.length > 0 ? [baseTable(bases)] : [])],
  };
}

export function upgradeTable(rows: readonly SourceUpgrade[], caption = 'Upgrades'): Table {
  return table<SourceUpgrade>({
    name: 'upgrades',
    caption,
    empty: 'No fix waits to be installed in what is judged.',
    columns: upgradeColumns,
    rows,
  });
}
