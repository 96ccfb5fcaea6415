import type { ListedImage } from '../../model/index.ts';
import type { Queries } from './database.ts';
import { listedColumns, listedTables } from './list.ts';

/** A name with what is known of its image now, and what decides whether that is all of it. */
export interface NameRow extends ListedImage {
  name: number;
  /** Null: no image was read of it yet. */
  image: number | null;
  /** Since when the name stands for this image. */
  since: Date | null;
  architecture: string | null;
  /** Packages of other ecosystems, which no feed judges, and those that are only half installed. */
  unjudged: number;
  halfInstalled: number;
  /** Who signed, as verified. */
  signers: string[] | null;
}

/** All names that are looked up, in code-unit order. */
export async function nameRows(queries: Queries): Promise<NameRow[]> {
  return queries.query<NameRow>(
    `SELECT names.id AS name, images.id AS image, name_images.since, images.architecture, ${listedColumns},
       coalesce((SELECT sum((each->>'packages')::integer) FROM jsonb_array_elements(images.unjudged) AS each), 0)::integer AS unjudged,
       coalesce(jsonb_array_length(images.gaps->'halfInstalled'), 0) AS "halfInstalled",
       CASE WHEN images.signed IS NOT NULL THEN ARRAY(SELECT DISTINCT each->>'signer' AS signer
         FROM jsonb_array_elements(images.signed->'signatures') AS each
         WHERE each->>'state' = 'verified' AND each->>'signer' IS NOT NULL ORDER BY signer) END AS signers
     ${listedTables}`,
  );
}

/** What is known of a name, the least first. `partly`: not all of its image is judged. None of them is `clean`. */
export const standings = ['unread', 'waiting', 'uncovered', 'partly', 'judged'] as const;

export type Standing = (typeof standings)[number];

export function standingOf({
  digest,
  counts,
  unread,
  platform,
  uncovered,
  gaps,
  unjudged,
  halfInstalled,
}: NameRow): Standing {
  if (unread) return 'unread';
  if (digest === null) return 'waiting';
  if (uncovered) return 'uncovered';
  // No run has looked at it yet.
  if (!counts || platform === null) return 'waiting';
  const missing = (gaps?.length ?? 0) + counts.uncovered + unjudged + halfInstalled;
  return missing > 0 ? 'partly' : 'judged';
}
