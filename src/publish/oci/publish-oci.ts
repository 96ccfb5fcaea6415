import { join, resolve } from 'node:path';
import { ScapfeedError } from '../../model/index.ts';
import { takeLock } from '../lock.ts';
import { type PublishOptions, type PublishOutcome, publish } from '../publish.ts';
import type { Origin } from '../pull/origin.ts';
import { metadataPath, openSite, type Site } from '../site/layout.ts';
import { type Publication, readHistory } from './history.ts';
import { ociOrigin } from './oci-origin.ts';
import { type PublishedTag, readTag } from './published-tag.ts';
import { type PushOutcome, pushSite } from './push-site.ts';
import { registrySource } from './registry-source.ts';
import { type Removal, removeOld } from './remove-old.ts';
import { type FeedRepository, openFeedRepository, type RegistryAccess } from './repository.ts';
import { parseTimestamp, restoreSite } from './restore-site.ts';

/** `to`: `oci://HOST/NAME[:tag]`. */
export interface OciPublishOptions extends PublishOptions, RegistryAccess {
  /** The publisher's own folder: what is published is made there. It can be lost: then it is made again. */
  work: string;
}

export interface OciPublishOutcome extends PublishOutcome {
  pushed: PushOutcome & Omit<Removal, 'history'>;
  /** Whether the publisher's folder had to be made again, or brought up, from the registry. */
  restored: boolean;
}

/** Publishes into the publisher's folder, which is first brought up to what the registry has, and pushes the folder. */
export async function publishOci(options: OciPublishOptions): Promise<OciPublishOutcome> {
  const repository = openFeedRepository(options.to, options, 'push');
  try {
    const site = openSite(resolve(options.work));
    const release = takeLock(join(site.directory, '.registry.lock'));
    try {
      return await publishInto(site, repository, options);
    } finally {
      release();
    }
  } catch (error) {
    throw advised(error);
  } finally {
    await repository.close();
  }
}

async function publishInto(
  site: Site,
  repository: FeedRepository,
  options: OciPublishOptions,
): Promise<OciPublishOutcome> {
  const { store, deltas, keep, progress } = options;
  progress(`looking at ${repository.name}`);
  const before = await readTag(repository);
  const origin = ociOrigin(registrySource(repository));
  const restored = before !== undefined && (await isBehind(site, before, origin));
  if (restored) await restoreSite(site, { origin, store, deltas, progress });
  const known = knownPublications(site, before);
  // The newest of them stays whatever is kept: readers may be at it.
  const { history, ...removal } = await removeOld(repository.client, known, Math.max(1, keep - 1));
  const outcome = await publish({ ...options, to: site.directory, documents: { history } });
  const pushed = await pushSite(site, repository, { before, progress });
  return { ...outcome, pushed: { ...pushed, ...removal }, restored };
}

/** What the tag names, and what the folder knows to have been there before; newest first, each once. */
function knownPublications(site: Site, before: PublishedTag | undefined): Publication[] {
  const earlier = readHistory(site);
  if (!before) return earlier;
  const manifests = [...before.entries.values()].map(({ digest }) => digest);
  return [{ index: before.digest, manifests }, ...earlier.filter(({ index }) => index !== before.digest)];
}

/**
 * Whether the registry has what the folder has not: another machine published, or the folder was lost. A folder that
 * is ahead holds what could not be pushed: its versions are used up, so it goes on from there.
 */
async function isBehind(site: Site, { shared }: PublishedTag, origin: Origin): Promise<boolean> {
  const own = site.read(metadataPath('timestamp'));
  if (!own) return true;
  if (!shared.has(metadataPath('timestamp'))) return false;
  const theirs = await origin.fetch(metadataPath('timestamp'), maxTimestampBytes);
  return !own.equals(theirs) && parseTimestamp(theirs).version >= parseTimestamp(own).version;
}

const maxTimestampBytes = 16_384;

/** What went wrong on the way to a registry leaves it as it was. */
function advised(error: unknown): unknown {
  if (!(error instanceof ScapfeedError)) return error;
  const { code, message, where, cause } = error;
  const transfer = code === 'PUSH_FAILED' || code === 'FETCH_FAILED' || code === 'FETCH_TIMEOUT';
  if (!transfer) return error;
  const remedy =
    'publish again later: what was sent need not be sent again; the tag names what it did before';
  return new ScapfeedError({ code, message, ...(where === undefined ? {} : { where }), remedy, cause });
}
