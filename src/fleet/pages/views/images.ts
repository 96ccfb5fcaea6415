import { type FleetRunSummary, knownCounts } from '../../../model/fleet/index.ts';
import { plural, thousands } from '../../../report/text-table.ts';
import { type FleetTotals, totalsOf } from '../../store/totals.ts';
import type { FleetView, ViewedName } from '../../view/fleet-view.ts';
import { addresses } from '../addresses.ts';
import { usedColumns } from '../columns.ts';
import { pageFilters } from '../filters.ts';
import { type Html, html, nothing } from '../html.ts';
import type { Page, ViewRequest } from '../page.ts';
import { barWithCounts, type Choice, choice, filterForm, notice, unlistedItems } from '../parts.ts';
import { choiceParameter, type PageRequest } from '../request.ts';
import { type Sorting, sortedBy, table } from '../table.ts';
import { imageColumns, imageFilters } from '../tables/images.ts';
import { standingNotes, standingWords } from '../words.ts';

/** Every name of the fleet with the state of its image. */
export async function imagesPage({ request, view }: ViewRequest): Promise<Page> {
  const all = await view.names();
  const filters = pageFilters(imageFilters, request);
  const sorting = sortingOf(request);
  const ordered = await sorted(view, sorting);
  const names = filters.test ? ordered.filter(filters.test) : ordered;
  const totals = filters.test ? totalsOf(names) : await view.totals();
  const fields = [
    ...(await filters.fields(view)),
    // For a phone, which shows no heads of columns; elsewhere it keeps the order that they gave.
    choice(request, 'sort', 'Sort by', sortChoices).field,
  ];
  return {
    title: 'Images',
    section: 'images',
    body: html`<h1>Images</h1>
${unknownNotice(await view.totals(), (await view.lastRun())?.summary?.unlisted ?? [])}
${filterForm('/images', fields, { order: orderOf(request) })}
<p class="sum" role="status">${sumWords(names, all.length, totals)}</p>
${barWithCounts(totals.flaws, 'Open flaws by severity')}`,
    tables: [
      table<ViewedName>({
        name: 'images',
        caption: 'Images',
        columns: await usedColumns(view, imageColumns),
        rows: names,
        empty:
          'No image of the fleet is so. That says nothing of images that are not read, not covered or not judged yet.',
        sorting,
      }),
    ],
  };
}

/** The length of the list, and the states of its images. Several names may stand for one image, which counts once. */
function sumWords(
  names: readonly ViewedName[],
  all: number,
  { flaws, images }: Omit<FleetTotals, 'oldest'>,
): string {
  const own = names.flatMap(({ image }) => image ?? []);
  const others = own.length - new Set(own).size;
  const shared = others === 0 ? '' : `, ${thousands(others)} of them by another name too`;
  const listed =
    names.length === all ? plural(all, 'image') : `${thousands(names.length)} of ${plural(all, 'image')}`;
  if (names.length === 0) return listed;
  if (images === 0)
    return `${listed}${shared}; no platform judges any of them, and nothing is known of their flaws`;
  return `${listed}${shared}; ${plural(sum(flaws), 'open flaw')} known in ${plural(images, 'image')} that a platform judges`;
}

/** The images that the list cannot judge: no number stands for these. */
function unknownNotice(
  { names: counts }: Awaited<ReturnType<FleetView['totals']>>,
  unlisted: FleetRunSummary['unlisted'],
): Html {
  const items = (['unread', 'uncovered', 'waiting', 'partly'] as const).flatMap((standing) => {
    if (counts[standing] === 0) return [];
    const text = `${plural(counts[standing], 'image')} ${standingWords[standing]}`;
    return [html`<a href="${addresses.images({ state: standing })}">${text}</a>: ${standingNotes[standing]}`];
  });
  items.push(...unlistedItems(unlisted));
  return items.length === 0 ? nothing : notice('warn', 'Not everything is known of this fleet', items);
}

const sortChoices: readonly Choice[] = [
  { value: '', text: 'the worst' },
  ...imageColumns
    .filter(({ isSortable }) => isSortable)
    .map(({ key, title }) => ({ value: key, text: title.toLowerCase() })),
];

function sortingOf(request: PageRequest): Sorting {
  const key = choice(request, 'sort', 'Sort by', sortChoices).value || 'worst';
  const isNumber = imageColumns.some((column) => column.key === key && column.kind === 'number');
  return { key, descending: (orderOf(request) || (isNumber ? 'down' : 'up')) === 'down' };
}

function orderOf(request: PageRequest): '' | 'up' | 'down' {
  return choiceParameter(request, 'order', ['', 'up', 'down']);
}

/** The worst first unless the address has another order. */
function sorted(view: FleetView, sorting: Sorting): Promise<readonly ViewedName[]> {
  return view.kept(`names by ${sorting.key} ${sorting.descending}`, async () => {
    const names = await view.names();
    return sorting.key === 'worst' ? names.toSorted(byWorst) : sortedBy(names, imageColumns, sorting);
  });
}

function byWorst(a: ViewedName, b: ViewedName): number {
  const [one, two] = [knownCounts(a), knownCounts(b)];
  if (!one || !two) return Number(!one) - Number(!two);
  const difference = two.exploited - one.exploited;
  if (difference !== 0) return difference;
  for (const severity of ['critical', 'high', 'medium', 'low', 'unknown'] as const) {
    const more = two.flaws[severity] - one.flaws[severity];
    if (more !== 0) return more;
  }
  return 0;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
