import { ScapfeedError } from '../../model/error.ts';
import type { FetchContext } from '../contract.ts';
import { reportUnavailable } from '../progress-bytes.ts';
import type { Snapshot } from '../snapshots.ts';

/** A release whose channels are fetched together. */
export interface FetchedRelease {
  /** Of its platform. */
  id: string;
  fetch(): Promise<Snapshot[]>;
  /** Its last good lists, marked with the code of the failure. */
  keep(code: string): Promise<Snapshot[]>;
}

/**
 * Updates the lists of every release. All channels of a release are current, or all keep their last good lists, marked: a release
 * has no other data than these.
 */
export async function fetchReleases(
  context: FetchContext,
  releases: readonly FetchedRelease[],
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  const failures: { id: string; error: ScapfeedError }[] = [];
  for (const { id, fetch, keep } of releases) {
    try {
      snapshots.push(...(await fetch()));
    } catch (error) {
      if (!(error instanceof ScapfeedError)) throw error;
      failures.push({ id, error });
      snapshots.push(...(await keep(error.code)));
    }
  }
  const [first] = failures;
  if (first && snapshots.length === 0)
    throw (failures.find(({ error }) => error.code !== 'FETCH_NOT_FOUND') ?? first).error;
  for (const { id, error } of failures) reportUnavailable(context, id, error);
  return snapshots;
}

/** The error of a release without a list of updates. `feed`: its definition. */
export function noUpdates(id: string, where: string, feed: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FETCH_NOT_FOUND',
    message: `expected the updates of ${id}, found none`,
    where,
    remedy: `check feeds/${feed}.json, or complete the mirror`,
  });
}
