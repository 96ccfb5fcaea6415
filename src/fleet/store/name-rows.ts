import { imageStateOf, type ListedImage } from '../../model/fleet/index.ts';
import type { Queries } from './database.ts';
import { listedColumns, listedTables } from './list.ts';
import { ImageOwners, type OwnedName } from './owners.ts';
import { dueOf, imagesDue } from './sla.ts';
import type { FoundInFiles } from './verifications.ts';

/** A name with what is known of its image now, and what decides whether that is all of it. */
export interface NameRow extends ListedImage {
  name: number;
  /** Null: no image was read of it yet. */
  image: number | null;
  /** Since when the name stands for this image. */
  since: Date | null;
  architecture: string | null;
  /** Verified signers. */
  signers: string[] | null;
  /** The result of comparing its files with its packages; null: they were not compared. */
  files: NameFiles | null;
}

export interface NameFiles {
  /** They could not be compared. */
  failed: boolean;
  /** Not all of them could be compared. */
  partly: boolean;
  kinds: FoundInFiles['kinds'];
}

/** Names that are read at once: a server answers others in between. */
const namesAtOnce = 1000;

/** All names that are looked up, in code-unit order. `day`: by which flaws are overdue (UTC); absent: nobody asks for that. */
export async function nameRows(queries: Queries, day?: string): Promise<NameRow[]> {
  const found: NameRow[] = [];
  const owners = await ImageOwners.read(queries);
  const due = day === undefined ? undefined : await imagesDue(queries, day);
  for (let after = 0; ; after = found.at(-1)!.name) {
    const rows = await queries.query<Omit<NameRow, 'state' | 'owners' | 'overdue' | 'due'> & OwnedName>(
      `SELECT names.id AS name, images.id AS image, name_images.since, images.architecture, ${listedColumns},
         CASE WHEN images.signed IS NOT NULL THEN ARRAY(SELECT DISTINCT each->>'signer' AS signer
           FROM jsonb_array_elements(images.signed->'signatures') AS each
           WHERE each->>'state' = 'verified' AND each->>'signer' IS NOT NULL ORDER BY signer) END AS signers,
         CASE WHEN verifications.image IS NOT NULL THEN jsonb_build_object('failed', verifications.code IS NOT NULL,
           'partly', (verifications.found->>'unlisted')::integer > 0
             OR jsonb_path_exists(verifications.found, '$.notes[*] ? (@.code == "not_inspected")'),
           'kinds', verifications.found->'kinds') END AS files
       ${listedTables(someNames)} LEFT JOIN fleet.verifications ON verifications.image = images.id ORDER BY names.id`,
      [after],
    );
    if (rows.length === 0) break;
    for (const row of rows) {
      const { labels: _, namespaces: __, ...own } = row;
      found.push({
        ...{ ...own, ...dueOf(own, own.image, due) },
        ...{ owners: owners.of(row), state: imageStateOf(own) },
      });
    }
  }
  return found.sort((a, b) => (a.reference < b.reference ? -1 : Number(a.reference > b.reference)));
}

const someNames = `(SELECT id, watch, reference, namespaces FROM fleet.names WHERE removed IS NULL AND id > $1 ORDER BY id LIMIT ${namesAtOnce}) AS names`;
