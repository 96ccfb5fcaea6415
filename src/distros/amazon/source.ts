import type { FetchContext, Source } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import { fetchUpdates, keepUpdates } from '../../sources/updateinfo/fetch.ts';
import { fetchReleases, noUpdates } from '../../sources/updateinfo/fetch-releases.ts';
import { updateEvidence } from '../../sources/updateinfo/update-text.ts';
import { topicsIn } from './catalog.ts';
import {
  type AmazonDefinition,
  type AmazonRelease,
  amazonDefinition,
  catalogOf,
  channelsOf,
  maxCatalogBytes,
  platformId,
  platformOf,
  sourceId,
} from './definition.ts';
import { readAmazon } from './read.ts';

export { amazonDefinition as definition } from './definition.ts';

/** The updates of Amazon Linux's repositories, those of extras and live patches included. */
export function createSource(definition: AmazonDefinition): Source {
  return {
    id: 'amazon',
    name: 'Amazon Linux security updates',
    licence: 'facts without a stated licence',
    terms: 'unclear',
    usualDays: definition.usualDays,
    unsealed: true,
    attribution: 'Amazon Web Services, Amazon Linux Security Center (https://alas.aws.amazon.com/)',
    platforms: definition.releases.map(platformOf),
    fetch: (context) => fetchAmazon(context, definition),
    read: (snapshots, store, out) => readAmazon({ snapshots, store, out, definition }),
    evidence: updateEvidence,
  };
}

export const source: Source = createSource(amazonDefinition);

/** Updates the lists of every release. */
async function fetchAmazon(context: FetchContext, definition: AmazonDefinition): Promise<Snapshot[]> {
  const snapshots = await fetchReleases(
    context,
    definition.releases.map((release) => ({
      id: platformId(release.version),
      fetch: () => fetchRelease(context, release, definition),
      keep: (code) => keepRelease(context, release, code),
    })),
  );
  await context.store.retain(sourceId, snapshots);
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
  if (lists.length === 0) throw noUpdates(platformId(release.version), release.main.mirrors, sourceId);
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
