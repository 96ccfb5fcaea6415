import type { ListedImage } from '../../../model/index.ts';
import { queryTest } from '../../pages/filters.ts';
import { imageFilters, imageMembers, imageSorts } from '../../pages/tables/images.ts';
import type { FleetView, ViewedName } from '../../view/fleet-view.ts';
import { compareTexts } from '../../view/texts.ts';
import { type ListPage, pageOf, readCursor } from './cursor.ts';

/** With parameters of `imageFilters`. */
export interface ImageSearch extends Readonly<Record<string, unknown>> {
  sort: keyof typeof imageSorts;
  limit: number;
  cursor?: string;
}

/** The names that are looked up and as asked, a page of them. */
export async function searchImages(view: FleetView, search: ImageSearch): Promise<ListPage<ListedImage>> {
  const { sort, limit } = search;
  const key = imageSorts[sort];
  const sorted = await view.kept(`names by ${sort}, for programs`, async () =>
    (await view.names()).toSorted((a, b) => key(b) - key(a) || compareTexts(a.reference, b.reference)),
  );
  const [value, name] = (readCursor(search.cursor, ['number', 'string']) ?? []) as [number?, string?];
  const isAfter = (row: ViewedName) =>
    value === undefined || key(row) < value || (key(row) === value && row.reference > name!);
  const isWanted = queryTest(imageFilters, search);
  const rows: ViewedName[] = [];
  for (const row of sorted) {
    if (isAfter(row) && isWanted(row)) rows.push(row);
    if (rows.length > limit) break;
  }
  const { items, next } = pageOf(rows, limit, (row) => [key(row), row.reference]);
  return { items: items.map(listed), next };
}

const members = Object.keys(imageMembers) as (keyof ListedImage)[];

function listed(name: ViewedName): ListedImage {
  return Object.fromEntries(members.map((member) => [member, name[member]])) as unknown as ListedImage;
}
