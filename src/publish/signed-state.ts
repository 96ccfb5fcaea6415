import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseForeignJson } from '../io/foreign-json.ts';
import { temporaryFolder } from '../io/temporary.ts';
import { discardUnfinished } from '../io/unfinished.ts';
import { ScapfeedError } from '../model/error.ts';
import { feedRole, metadataPath } from '../published/names.ts';
import type { KeyStore } from './keys/key-store.ts';
import { fetchTarget } from './pull/fetch-target.ts';
import { openOrigin } from './pull/open-origin.ts';
import type { Origin } from './pull/origin.ts';
import { recordTrust } from './pull/record-trust.ts';
import { stateTarget } from './site/feed-role.ts';
import type { Site } from './site/layout.ts';
import type { SiteState } from './site/state.ts';
import type { TargetInfo } from './tuf/metadata.ts';

/** Size limit of a decompressed state. */
const maxStateBytes = 64 * 2 ** 20;

/** The state as one of the signed documents of the whole feed. */
export async function fetchState(
  origin: Origin,
  listed: Readonly<Record<string, TargetInfo>>,
): Promise<SiteState> {
  const info = listed[stateTarget];
  if (!info) throw stateless(origin.name);
  const bytes = await fetchTarget(origin, stateTarget, info);
  return parseForeignJson(gunzipSync(bytes, { maxOutputLength: maxStateBytes })) as SiteState;
}

/**
 * The state of the last publish, verified with our own keys; undefined before the first publish. The copy in `state/` is not
 * enough: held platforms are signed again, and a web server may be able to write there.
 */
export async function ownState(site: Site, store: KeyStore): Promise<SiteState | undefined> {
  const [root] = store.rootChain();
  if (root === undefined || !site.has(metadataPath('timestamp'))) return undefined;
  const folder = temporaryFolder('state');
  try {
    const origin = await openOrigin(site.directory, {}, folder);
    try {
      const { trusted } = await recordTrust(origin, join(folder, 'trust'), Buffer.from(root));
      return await fetchState(origin, await trusted.targets(feedRole));
    } catch (error) {
      throw notOurs(error, site.directory);
    } finally {
      await origin.close();
    }
  } finally {
    discardUnfinished(folder);
  }
}

function notOurs(error: unknown, where: string): unknown {
  if (!(error instanceof ScapfeedError) || !error.code.startsWith('TRUST_')) return error;
  return new ScapfeedError({
    code: 'TRUST_SIGNATURE_WRONG',
    message: `the published folder does not verify with the keys of this store: ${error.message}`,
    where: error.where ?? where,
    remedy:
      'specify the keys that it was published with (--keys), see who may write there, or publish to another folder',
    cause: error,
  });
}

function stateless(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: 'the publication lacks the state that the next publish continues from',
    where,
    remedy: 'publish to another name, tag or folder',
  });
}
