import { createHash } from 'node:crypto';
import { fixesOnly } from '../../model/feed/index.ts';
import type { SourceSink } from '../../sources/contract.ts';
import { installable } from '../../sources/errata/build.ts';
import { rowsOf } from '../../sources/errata/erratum.ts';
import { addErratum } from '../../sources/errata/statements.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { channelRepomd, updatesId } from '../../sources/updateinfo/channel.ts';
import { type ListedUpdate, readUpdateList } from '../../sources/updateinfo/read.ts';
import { topicsIn } from './catalog.ts';
import {
  type AmazonChannel,
  type AmazonDefinition,
  type AmazonRelease,
  catalogOf,
  channelsOf,
  maxCatalogBytes,
  platformId,
  platformOf,
} from './definition.ts';

interface Reading {
  snapshots: readonly SourceInput[];
  store: SnapshotStore;
  out: SourceSink;
  definition: AmazonDefinition;
}

/** Reads the updates of every release and channel in the snapshots. */
export async function readAmazon(reading: Reading): Promise<void> {
  for (const release of reading.definition.releases) await readRelease(release, reading);
}

async function readRelease(release: AmazonRelease, reading: Reading): Promise<void> {
  const { snapshots, store, out } = reading;
  const { ledger } = out;
  const catalog = snapshots.find(({ id }) => id === catalogOf(release)?.id);
  const topics = catalog ? topicsIn(await store.read(catalog, maxCatalogBytes), store.path(catalog)) : [];
  const inputs: string[] = catalog ? [catalog.id] : [];
  let ofMain = 0;
  const absent: string[] = [];
  for (const channel of channelsOf(release, topics)) {
    const input = snapshots.find(({ id }) => id === updatesId(channel));
    const repomd = snapshots.find(({ id }) => id === channelRepomd(channel, '').id);
    if (repomd) inputs.push(repomd.id);
    else if (channel.of !== undefined) absent.push(channel.of);
    if (!input) continue;
    inputs.push(input.id);
    const used = await readChannel(input, channel, release, reading);
    if (channel.of === undefined) ofMain = used;
  }
  // Without the updates that every system gets its images would look clean.
  if (ofMain === 0) {
    ledger.doubt('release_absent', placeOf(release));
    return;
  }
  for (const channel of absent) ledger.doubt('channel_absent', placeOf(release), channel);
  out.platform(platformOf(release), {
    inputs,
    marks: [fixesOnly, 'no_package_list', ...(absent.length > 0 ? ['channel_absent'] : [])],
    severalErrata: true,
  });
}

/** Returns how many rows became statements. */
async function readChannel(
  input: SourceInput,
  channel: AmazonChannel,
  release: AmazonRelease,
  reading: Reading,
): Promise<number> {
  const { out } = reading;
  const platform = platformId(release.version);
  const known = new Map<string, string>();
  let used = 0;
  await readUpdateList(input, platform, reading, (update, place) => {
    const content = contentOf(update);
    if (known.get(update.id) === content) {
      out.ledger.drop('repeated', place, update.id, rowsOf(update));
      return undefined;
    }
    if (known.has(update.id)) out.ledger.doubt('several_records', place, update.id);
    else known.set(update.id, content);
    const packages = installable(update, place, out.ledger);
    if (packages.length === 0 && update.packages.length > 0 && update.faults.length === 0) return true;
    const erratum = { ...update, packages, page: pageOf(update.id) };
    const channelOf = lineIn(update) ?? (() => channel.of);
    used += addErratum(erratum, { input: input.id, place, platform, channelOf }, out);
    return true;
  });
  return used;
}

/** A digest of all that an update says; only its rows name their places. */
function contentOf(update: ListedUpdate): string {
  const text = JSON.stringify(update, (key, value: unknown) => (key === 'pointer' ? undefined : value));
  return createHash('sha256').update(text).digest('base64');
}

/** `kernel6.12` and what carries its number; the other packages of the same update are of its line, whatever they are called. */
function lineIn({ packages }: ListedUpdate): ((name: string) => string | undefined) | undefined {
  const kernel = packages.map(({ name }) => /^kernel(\d+\.\d+)$/.exec(name)).find((found) => found !== null);
  return kernel ? (name) => (name.includes(kernel[1]!) ? undefined : kernel[0]) : undefined;
}

/** Advisories of releases are numbered apart; on their pages they are called without the release. */
function pageOf(id: string): string | undefined {
  const [, release = '', rest] = /^ALAS(2023|2)?([A-Z]*[\w.-]*-\d{4}-\d+)$/.exec(id) ?? [];
  const folder = release === '' ? '' : `AL${release}/`;
  return rest && `https://alas.aws.amazon.com/${folder}ALAS${rest}.html`;
}

function placeOf({ version }: AmazonRelease): string {
  return `feeds/amazon.json#${version}`;
}
