import { isScapfeedError } from '../../model/error.ts';
import { judge } from '../../runtime/index.ts';
import { type JudgedBase, judgedBase, unjudgedBase } from '../../runtime/rebuilt.ts';
import type { FleetContext } from '../fleet.ts';
import { fromRegistries } from '../from-registries.ts';
import type { FleetJudging } from '../judge/options.ts';
import { type BaseContents, baseDigests, findBase, statingImages } from '../store/bases.ts';
import type { Queries } from '../store/database.ts';
import { refusedReference } from './refused-reference.ts';

/** Reads a base image, if its digest is not kept, and judges it, if this run has not. */
export interface BaseJob {
  run: number;
  reference: string;
}

/** One for each reference by which watched images state their bases. */
export async function planBases(queries: Queries, run: number): Promise<BaseJob[]> {
  await queries.query('DELETE FROM fleet.base_references');
  const references = (await statingImages(queries)).flatMap(({ stated, names }) =>
    [stated?.built ?? [], stated?.named ?? []]
      .flat()
      .filter((reference) => refusedReference(reference, names) === undefined),
  );
  return [...new Set(references)].sort().map((reference) => ({ run, reference }));
}

/** A base with what a run finds in it; `found` is absent if it has judged it already. */
export interface FoundBase {
  contents: BaseContents;
  found?: JudgedBase;
}

/** Returns why a base that cannot be read is not. */
export async function readBase(
  { database, feed, tools }: FleetContext,
  { run, reference }: BaseJob,
  judging: FleetJudging,
): Promise<FoundBase | { failure: string }> {
  const digests = await baseDigests(database);
  let read: Awaited<ReturnType<typeof tools.readBase>>;
  try {
    read = await fromRegistries(tools, reference, () =>
      tools.readBase(reference, (each) => digests.has(each)),
    );
  } catch (error) {
    if (!isScapfeedError(error)) throw error;
    return { failure: error.message };
  }
  const kept = 'inventory' in read ? undefined : await findBase(database, read);
  if (kept?.run === run) return { contents: kept };
  const contents = 'inventory' in read ? read : kept;
  if (!contents) throw new Error(`the base ${reference} was forgotten by another process`);
  return { contents, found: foundIn(feed, reference, contents, judging, tools.now()) };
}

function foundIn(
  feed: FleetContext['feed'],
  reference: string,
  { inventory }: BaseContents,
  { platformMap, severityFrom, stream }: FleetJudging,
  now: Date,
): JudgedBase {
  const options = { ...(severityFrom && { severityFrom }), ...(stream !== undefined && { stream }) };
  try {
    const judged = judge(feed, inventory, { ...options, map: new Map(platformMap), now });
    return judgedBase(reference, inventory, judged);
  } catch (error) {
    return unjudgedBase(error);
  }
}
