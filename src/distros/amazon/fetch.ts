import { ScapfeedError } from '../../model/index.ts';
import type { FetchContext } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import { tellUnavailable } from '../../sources/tell-unavailable.ts';
import { fetchUpdates, keepUpdates } from '../../sources/updateinfo/fetch.ts';
import { topicsIn } from './catalog.ts';
import {
  type AmazonDefinition,
  type AmazonRelease,
  catalogOf,
  channelsOf,
  maxCatalogBytes,
  platformId,
  sourceId,
} from './definition.ts';

/**
 * Updates the lists of every release. All channels of a release are current, or all keep their last good lists, marked: a release
 * has no other data than these.
 */
export async function fetchAmazon(context: FetchContext, definition: AmazonDefinition): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  const failures: { id: string; error: ScapfeedError }[] = [];
  for (const release of definition.releases) {
    try {
      snapshots.push(...(await fetchRelease(context, release, definition)));
    } catch (error) {
      if (!(error instanceof ScapfeedError)) throw error;
      failures.push({ id: platformId(release.version), error });
      snapshots.push(...(await keepRelease(context, release, error.code)));
    }
  }
  const [first] = failures;
  if (first && snapshots.length === 0)
    throw (failures.find(({ error }) => error.code !== 'FETCH_NOT_FOUND') ?? first).error;
  for (const { id, error } of failures) tellUnavailable(context, id, error);
  await context.store.retain(
    sourceId,
    snapshots.map(({ id }) => id),
  );
  return snapshots;
}

async function fetchRelease(
  context: FetchContext,
  release: AmazonRelease,
  definition: AmazonDefinition,
): Promise<Snapshot[]> {
  const wanted = catalogOf(release);
  const verify = async (blob: Snapshot | { sha256: string; size: number }) => {
    topicsIn(await context.store.read(blob, maxCatalogBytes), wanted!.url);
  };
  const catalog = wanted && (await download(context, { ...wanted, verify }));
  const channels = channelsOf(release, await topicsOf(context, catalog));
  const lists = await fetchUpdates(context, channels, definition);
  if (lists.length === 0)
    throw new ScapfeedError({
      code: 'FETCH_NOT_FOUND',
      message: `expected the updates of ${platformId(release.version)}, found none`,
      where: release.main.mirrors,
      remedy: 'check feeds/amazon.json, or complete the mirror',
    });
  return catalog ? [catalog, ...lists] : lists;
}

async function keepRelease(context: FetchContext, release: AmazonRelease, code: string): Promise<Snapshot[]> {
  const { store } = context;
  const known = (await store.list(sourceId)).find(({ id }) => id === catalogOf(release)?.id);
  const catalog = known && (await store.keep(known, code));
  const kept: Snapshot[] = catalog ? [catalog] : [];
  for (const channel of channelsOf(release, await topicsOf(context, catalog)))
    kept.push(...(await keepUpdates(context, channel, code)));
  return kept;
}

async function topicsOf({ store }: FetchContext, catalog: Snapshot | undefined): Promise<string[]> {
  return catalog ? topicsIn(await store.read(catalog, maxCatalogBytes), catalog.url) : [];
}
