import { plural } from '../../../../report/text-table.ts';
import { basesOf } from '../../../view/bases.ts';
import type { FleetView } from '../../../view/fleet-view.ts';
import { type ImageFlaw, imageFlaws, isCounted, keptFlaws, type ViewedImage } from '../../../view/image.ts';
import { packageNames } from '../../../view/package-names.ts';
import { addresses } from '../../addresses.ts';
import { baseColumns, baseFilters, baseNotice } from '../../base-parts.ts';
import { usedColumns } from '../../columns.ts';
import { fixFilter, pageFilters, severityFilter } from '../../filters.ts';
import { flawColumns, flawTable } from '../../flaw-table.ts';
import { type Html, html, nothing } from '../../html.ts';
import type { ViewRequest } from '../../page.ts';
import { choice, filterForm } from '../../parts.ts';
import { shownRows, textParameter } from '../../request.ts';
import type { ImageView } from './view.ts';

/** The flaws of an image, without those that the default view of a scan hides unless they are requested. */
export async function flawsView(image: ViewedImage, { view, request }: ViewRequest): Promise<ImageView> {
  const all = await imageFlaws(view, image);
  const bases = await basesOf(view, image.id);
  const index = await view.verdicts();
  const found = ({ vulnerability, source, packages }: ImageFlaw) =>
    bases?.of({ vulnerability: index.vulnerability(vulnerability), source: index.source(source), packages });
  const isNamed = await namedBy(view, image, textParameter(request, 'q'));
  const filters = pageFilters<ImageFlaw>(
    [
      { name: 'q', label: 'Search by vulnerability or package', test: () => isNamed },
      severityFilter('', ({ rank }) => rank),
      fixFilter(({ fixable }) => fixable),
      ...baseFilters(bases !== undefined, found),
    ],
    request,
  );
  const show = choice(request, 'show', 'Show', [
    { value: '', text: 'open flaws' },
    { value: 'all', text: 'all verdicts' },
  ]);
  const counted = all.filter(isCounted);
  const showsAll = show.value === 'all';
  const flaws = (showsAll ? all : counted).filter(filters.test ?? (() => true));
  const { from, to } = shownRows(request, 'flaws', flaws.length);
  const waived = all.filter((flaw) => flaw.open && !isCounted(flaw)).length;
  const hidden = all.length - counted.length - waived;
  return {
    body: html`${bases ? baseNotice(bases, counted.map(found)) : nothing}
${filterForm(addresses.image(image.digest), [...(await filters.fields(view)), show.field])}
${showsAll ? nothing : leftOut(image, waived, hidden)}`,
    tables: [
      flawTable({
        name: 'flaws',
        columns: [...(await usedColumns(view, flawColumns)), ...baseColumns(bases)],
        caption: showsAll ? 'Verdicts' : 'Open flaws',
        flaws: await keptFlaws(view, flaws.slice(from, to)),
        total: flaws.length,
        empty: emptyText(image, all.length > 0),
      }),
    ],
  };
}

/** The flaws that the list leaves out, and where they are shown. */
function leftOut({ digest }: ViewedImage, waived: number, hidden: number): Html {
  const parts = [
    ...(waived > 0 ? [`${plural(waived, 'flaw')} that somebody waived`] : []),
    ...(hidden > 0 ? [`${plural(hidden, 'verdict')} of kinds that the default view of a scan hides`] : []),
  ];
  if (parts.length === 0) return nothing;
  return html`<p class="sum">Not listed: ${parts.join(', ')}. <a href="${addresses.image(digest, { show: 'all' })}">Show all</a></p>`;
}

/** Whether a flaw has all words in its vulnerability or in the names of its packages. */
async function namedBy(
  view: FleetView,
  { packages }: ViewedImage,
  q: string,
): Promise<(flaw: ImageFlaw) => boolean> {
  if (q === '') return () => true;
  const words = q.toLowerCase().split(/\s+/);
  const index = await view.verdicts();
  const names = await packageNames(view.queries, packages);
  return ({ vulnerability, source, packages: own }) => {
    const parts = [index.vulnerability(vulnerability), index.source(source)];
    const text = [...parts, ...own.map((number) => names.get(number)?.name ?? '')].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

/** An empty list is clean only if the image was judged. */
function emptyText({ platform, names }: ViewedImage, hasOthers: boolean): string {
  if (platform === null) return 'No platform of the feed judges this image: nothing is known of its flaws.';
  if (names.some(({ state }) => state === 'waiting'))
    return 'It waits for the next run: nothing is known of its flaws.';
  const rest = hasOthers
    ? 'No open flaw is like that.'
    : 'No open flaw is known in the packages that are judged.';
  return names.every(({ state }) => state === 'judged') ? rest : `${rest} Not all of the image is judged.`;
}
