import {
  type Deviation,
  type DeviationKind,
  deviationKinds,
  type Verification,
} from '../../model/verdict/index.ts';
import type { Queries } from './database.ts';
import { json, storable } from './json.ts';

/** The files of an image compared with its packages as it was read, or why they could not be. */
export type ReadVerification =
  | (Pick<Verification, 'deviations' | 'counts' | 'unverified' | 'uncovered'> & {
      notes: Verification['inventory']['notes'];
    })
  | { code: string; message: string };

/** The kept part of a verification besides its deviations. */
export interface FoundInFiles {
  /** Deviations by kind; a kind without any is left out. */
  kinds: Partial<Record<DeviationKind, number>>;
  /** Regular files, those that packages own, and those whose content was compared with a digest. */
  files: number;
  owned: number;
  compared: number;
  /** Owned files whose content could not be compared. */
  uncompared: number;
  /** Packages without a list of their files: what they own looks unowned. */
  unlisted: number;
  /** Other parts that were not checked, as `verify` notes them. */
  notes: Verification['inventory']['notes'];
}

/** The verification of an image as the store has it. */
export interface KeptVerification {
  tool: string;
  verified: Date;
  /** Why there is no result; null: there is one. */
  error: { code: string; message: string } | null;
  found: FoundInFiles;
  /** The first of each kind; `found.kinds` has their numbers. */
  deviations: readonly Deviation[];
}

/** Deviations of one kind that are kept with their paths, and the limits on what is kept of each; the others are counted. */
export const listedOfKind = 50;
const maxPath = 1024;
const maxDetail = 300;
const maxOwners = 8;

/** Keeps what was found in the files of an image; in place of what an earlier reading found. */
export async function keepVerification(
  queries: Queries,
  image: number,
  given: ReadVerification,
  now: Date,
  tool: string,
): Promise<void> {
  const [code, message] = 'code' in given ? [given.code, storable(given.message)] : [null, null];
  const found = 'code' in given ? nothingFound : foundIn(given);
  const deviations = 'code' in given ? [] : firstOfEachKind(given.deviations);
  await queries.query(
    `INSERT INTO fleet.verifications (image, tool, verified, code, message, found, deviations)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (image) DO UPDATE SET tool = excluded.tool, verified = excluded.verified,
       code = excluded.code, message = excluded.message, found = excluded.found, deviations = excluded.deviations`,
    [image, tool, now, code, message, json(found), json(deviations)],
  );
}

/** Undefined: its files were not compared. */
export async function imageVerification(
  queries: Queries,
  image: number,
): Promise<KeptVerification | undefined> {
  const [row] = await queries.query<KeptVerification>(
    `SELECT tool, verified, found, deviations,
       CASE WHEN code IS NOT NULL THEN jsonb_build_object('code', code, 'message', message) END AS error
     FROM fleet.verifications WHERE image = $1`,
    [image],
  );
  return row;
}

const nothingFound: FoundInFiles = {
  ...{ kinds: {}, files: 0, owned: 0, compared: 0, uncompared: 0, unlisted: 0, notes: [] },
};

function foundIn({
  deviations,
  counts: { files, owned, compared },
  unverified,
  uncovered,
  notes,
}: Exclude<ReadVerification, { code: string }>): FoundInFiles {
  const kinds: FoundInFiles['kinds'] = {};
  for (const { kind } of deviations) kinds[kind] = (kinds[kind] ?? 0) + 1;
  const uncompared = unverified.reduce((sum, each) => sum + each.files, 0);
  return { kinds, files, owned, compared, uncompared, unlisted: uncovered.length, notes };
}

/** So that a thousand files of one kind do not hide the first of another. */
function firstOfEachKind(deviations: readonly Deviation[]): Deviation[] {
  return deviationKinds.flatMap((kind) =>
    deviations
      .filter((each) => each.kind === kind && each.path.length <= maxPath)
      .slice(0, listedOfKind)
      .map((each) => ({
        ...each,
        packages: each.packages.slice(0, maxOwners),
        detail: each.detail.slice(0, maxDetail),
      })),
  );
}
