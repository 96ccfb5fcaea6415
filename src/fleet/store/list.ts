import { endOfLifeGap, imageStateOf, type ListedImage } from '../../model/index.ts';
import type { Queries } from './database.ts';

/** Why an image is not known as a whole: what was found when it was read, and whether its release has ended since. */
export const imageGaps = `(CASE WHEN coverage.ended_run IS NULL THEN '[]' ELSE '${JSON.stringify([endOfLifeGap])}' END::jsonb || (images.gaps->'gaps'))`;

/** Columns of a `ListedImage` without its state. */
export const listedColumns = `reference, watches.kind, images.digest, systems.name AS system, coverage.platform, installed, counts,
  ${imageGaps} AS gaps, signed->>'verdict' AS signed,
  coalesce((SELECT sum((each->>'packages')::integer) FROM jsonb_array_elements(images.unjudged) AS each), 0)::integer AS unjudged,
  coalesce(jsonb_array_length(images.gaps->'halfInstalled'), 0) AS "halfInstalled",
  CASE WHEN unread.id IS NOT NULL THEN jsonb_build_object('code', unread.code, 'message', unread.message) END AS unread,
  CASE WHEN coverage.code IS NOT NULL THEN jsonb_build_object('code', coverage.code, 'message', coverage.message) END
    AS uncovered`;

/** Where they are from, with some of the names that are looked up. */
export const listedTables = (names: string) => `FROM ${names} JOIN fleet.watches ON watches.id = watch
  LEFT JOIN fleet.name_images ON name_images.name = names.id AND until IS NULL
  LEFT JOIN fleet.images ON images.id = name_images.image
  LEFT JOIN fleet.image_counts ON image_counts.image = images.id
  LEFT JOIN fleet.systems ON systems.id = images.system
  LEFT JOIN fleet.coverage ON coverage.system = images.system AND coverage.to_run IS NULL
  LEFT JOIN fleet.unread ON unread.name = names.id AND unread.to_run IS NULL`;

/** All names that are looked up, in code-unit order. */
export async function listNames(queries: Queries): Promise<ListedImage[]> {
  const rows = await queries.query<Omit<ListedImage, 'state'>>(
    `SELECT ${listedColumns} ${listedTables('fleet.names')} WHERE names.removed IS NULL ORDER BY reference COLLATE "C"`,
  );
  return rows.map((row) => ({ ...row, state: imageStateOf(row) }));
}
