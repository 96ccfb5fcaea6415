import type { Queries } from '../store/database.ts';

/** Images that a name stands for now. */
export const watchedImages = `SELECT DISTINCT image FROM fleet.name_images JOIN fleet.names ON names.id = name
  WHERE until IS NULL AND removed IS NULL`;

/** For each package the watched images that have it. */
export async function imagesOfPackages(
  queries: Queries,
  packages: readonly number[],
): Promise<Map<number, number[]>> {
  const found = new Map<number, number[]>();
  if (packages.length === 0) return found;
  const rows = await queries.query<{ package: number; images: number[] }>(
    `SELECT package, array_agg(images.id) AS images FROM fleet.images, unnest(packages) AS package
     WHERE images.id IN (${watchedImages}) AND packages && $1::integer[] AND package = ANY($1::integer[])
     GROUP BY package`,
    [packages],
  );
  for (const { package: number, images } of rows) found.set(number, images);
  return found;
}
