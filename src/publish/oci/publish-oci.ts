import { join, resolve } from 'node:path';
import { takeLock } from '../../io/lock.ts';
import { ScapfeedError } from '../../model/error.ts';
import { metadataPath } from '../../published/names.ts';
import { type FeedPublishOptions, type PublishOutcome, publish } from '../publish.ts';
import type { Origin } from '../pull/origin.ts';
import { openSite, type Site } from '../site/layout.ts';
import { openSigners, type RoleSigners } from '../site/sign-site.ts';
import { describeSite } from './artifact.ts';
import { type Publication, readHistory } from './history.ts';
import { ociOrigin } from './oci-origin.ts';
import { type PublishedTag, readTag } from './published-tag.ts';
import { type PushOutcome, pushSite, type SignIndex } from './push-site.ts';
import { registrySource } from './registry-source.ts';
import { type Removal, removeOld } from './remove-old.ts';
import { type FeedRepository, openFeedRepository, type RegistryAccess } from './repository.ts';
import { parseTimestamp, restoreSite } from './restore-site.ts';

/** `to`: `oci://HOST/NAME[:tag]`. */
export interface OciPublishOptions extends FeedPublishOptions, RegistryAccess {
  /** The publisher's own folder, in which publications are made. If it is lost, it is restored. */
  work: string;
  /** Signs the index for clients that know cosign. */
  sign?: SignIndex;
}

/** The result of a publication, and the transfer to the registry. */
export interface OciPublishOutcome extends PublishOutcome {
  pushed: PushOutcome & Omit<Removal, 'history'>;
  /** True if the publisher's folder was restored or updated from the registry. */
  restored: boolean;
}

/** Updates the publisher's folder from the registry, publishes into it, and pushes it. */
export async function publishOci(options: OciPublishOptions): Promise<OciPublishOutcome> {
  const signers = openSigners(options.store, options.passphrase);
  const repository = await openFeedRepository(options.to, options, 'push');
  try {
    const site = openSite(resolve(options.work));
    const release = takeLock(join(site.directory, '.registry.lock'));
    try {
      return await publishInto(site, repository, signers, options);
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
  signers: RoleSigners,
  options: OciPublishOptions,
): Promise<OciPublishOutcome> {
  const { store, deltas, keep, progress } = options;
  progress(`looking at ${repository.name}`);
  const before = await readTag(repository);
  const origin = ociOrigin(registrySource(repository));
  const restored = before !== undefined && (await isBehind(site, before, origin));
  if (restored) await restoreSite(site, { origin, store, deltas, progress }).catch(untrusted);
  const known = ownPublications(site, before);
  // The newest of them stays whatever is kept: clients may be reading it.
  const { history, ...removal } = await removeOld(repository.client, known, Math.max(1, keep - 1));
  const outcome = await publish({ ...options, to: site.directory, documents: { history } }, signers);
  const pushed = await pushSite(site, repository, {
    before,
    progress,
    ...(options.sign && { sign: options.sign }),
  });
  return { ...outcome, pushed: { ...pushed, ...removal }, restored };
}

/**
 * The publication of the tag and earlier ones, newest first. Only publications that our own folder proves, because they are
 * deleted one day, and an index that others changed may name what is not ours.
 */
function ownPublications(site: Site, before: PublishedTag | undefined): Publication[] {
  const earlier = readHistory(site);
  if (!before || !site.has(metadataPath('timestamp'))) return earlier;
  const { digest: index, manifests } = describeSite(site);
  if (index !== before.digest) return earlier;
  return [{ index, manifests: manifests.map(({ digest }) => digest) }, ...earlier];
}

/**
 * True if the registry has a publication that the folder lacks: another machine published, or the folder was lost. A folder
 * that is ahead has a publication that could not be pushed: its versions are used, so the next publish continues from it.
 */
async function isBehind(site: Site, { shared }: PublishedTag, origin: Origin): Promise<boolean> {
  const own = site.read(metadataPath('timestamp'));
  if (!own) return true;
  if (!shared.has(metadataPath('timestamp'))) return false;
  const theirs = await origin.fetch(metadataPath('timestamp'), maxTimestampBytes);
  return !own.equals(theirs) && parseTimestamp(theirs).version >= parseTimestamp(own).version;
}

const maxTimestampBytes = 16_384;

/** Replaces the remedy "use another mirror", which a publisher cannot follow. */
function untrusted(error: unknown): never {
  if (!(error instanceof ScapfeedError) || !error.code.startsWith('TRUST_')) throw error;
  const { code, message, where } = error;
  throw new ScapfeedError({
    code,
    message,
    ...(where === undefined ? {} : { where }),
    remedy:
      'specify the keys that it was published with (--keys), and see who else may write there; nothing was published',
    cause: error,
  });
}

/** Adds to an error of a push that the registry is unchanged. */
function advised(error: unknown): unknown {
  if (!(error instanceof ScapfeedError)) return error;
  const { code, message, where, cause } = error;
  const transfer = code === 'PUSH_FAILED' || code === 'FETCH_FAILED' || code === 'FETCH_TIMEOUT';
  if (!transfer) return error;
  const remedy =
    'publish again later: what was sent need not be sent again; the tag names what it did before';
  return new ScapfeedError({ code, message, ...(where === undefined ? {} : { where }), remedy, cause });
}
