import type { Queries } from '../store/database.ts';

/** Images that a name stands for now. */
export const watchedImages = `SELECT DISTINCT image FROM fleet.name_images JOIN fleet.names ON names.id = name
  WHERE until IS NULL AND removed IS NULL`;

/** For each package the watched images that have it, by the index of packages: what others have is not read. */
export async function imagesOfPackages(
  queries: Queries,
  packages: readonly number[],
): Promise<Map<number, number[]>> {
  const found = new Map<number, number[]>();
  if (packages.length === 0) return found;
  const watched = await queries.query<{ image: number }>(watchedImages);
  const isWatched = new Set(watched.map(({ image }) => image));
  for (let at = 0; at < packages.length; at += packagesAtOnce) {
    const rows = await queries.query<{ package: number; images: number[] }>(
      `SELECT package, ARRAY(SELECT id FROM fleet.images WHERE packages @> ARRAY[package] ORDER BY id) AS images
       FROM unnest($1::integer[]) AS package`,
      [packages.slice(at, at + packagesAtOnce)],
    );
    for (const { package: number, images } of rows) {
      const seen = images.filter((image) => isWatched.has(image));
      if (seen.length > 0) found.set(number, seen);
    }
  }
  return found;
}

const packagesAtOnce = 500;
