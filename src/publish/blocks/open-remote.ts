import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { lastNotAfter } from '../../feed/read/sorted-keys.ts';
import { writeAtomically } from '../../io/files.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { awaitLock } from '../../io/lock.ts';
import type { PrivateCache } from '../../io/private-cache.ts';
import { readWhole } from '../../io/read-whole.ts';
import { systemReason, writeError } from '../../io/system-reason.ts';
import { mostUnfolded } from '../../io/unfolding.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Manifest } from '../../model/feed/index.ts';
import type { Progress } from '../../model/progress.ts';
import {
  type BlockCatalog,
  blockPath,
  catalogName,
  digestOfBlock,
  type SearchList,
  searchName,
} from '../../published/block-list.ts';
import { encodingOf, feedRole, smallestForm, targetPath } from '../../published/names.ts';
import { requireOwnParts } from '../../published/own-parts.ts';
import { lineOf } from '../../published/remote-files.ts';
import { RemoteIndex, type RemoteView } from '../../published/remote-index.ts';
import type { SearchRecord } from '../../published/search-record.ts';
import { decompress } from '../feed/encoding.ts';
import { sha256 } from '../feed/lines.ts';
import { feedStays, roomForPull } from '../feed-stays.ts';
import type { RegistryAccess } from '../oci/repository.ts';
import { othersMayWrite, ownFolder } from '../private-folder.ts';
import { firstTrust } from '../pull/first-trust.ts';
import { openOrigin } from '../pull/open-origin.ts';
import { refreshTrust, type Trusted } from '../pull/trust.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import { type BlockSource, isMissing, loadBlocks, signedBytes, unfolded } from './fetch-blocks.ts';
import { nameDigest, readCatalog, readList, readSearchList } from './list.ts';

export interface RemoteFeedOptions {
  /** `https://HOST/PATH` of a published folder, or `oci://HOST/NAME`. */
  from: string;
  /** Where the trusted metadata of this address is kept. */
  folder: string;
  /** Blocks, lists and whole files by digest. */
  cache: PrivateCache;
  /** A root that the user trusts; needed once. */
  pinned?: Buffer;
  now: Date;
  access?: RegistryAccess;
  progress: Progress;
}

/** A published feed of which only what is needed is fetched. */
export interface RemoteFeed {
  readonly manifest: Manifest;
  /** When the publisher signed it. */
  readonly signed: Date;
  /** The sha256 of its catalog, which names the state of all parts. */
  digest(): string;
  /** Look-ups in what {@link complete} brought. @throws FEED_CORRUPT for anything else */
  readonly view: RemoteView;
  /**
   * Runs `work` until it has met nothing that is missing, and returns what it then returns. Runs before that see lines as absent: their
   * results and errors are dropped, so that `work` must have no other effect.
   */
  complete<T>(work: (view: RemoteView) => T | Promise<T>): Promise<T>;
  /** A benchmark of the manifest as a file of this user. */
  contentFile(path: string): Promise<string>;
  readonly traffic: { requests: number; bytes: number };
  close(): Promise<void>;
}

/** Opens a published feed: TUF's metadata, then its catalog. Runs at the same time change what is trusted one after the other. */
export async function openRemoteFeed(options: RemoteFeedOptions): Promise<RemoteFeed> {
  const { folder } = options;
  try {
    ownTrustFolder(folder);
    const release = await awaitLock(join(folder, 'lock'), {
      beats: true,
      remedy: roomForTrust,
    });
    try {
      return await openLocked(options);
    } finally {
      release();
    }
  } catch (error) {
    throw ofScan(error);
  }
}

const roomForTrust = 'free space or grant access, or set XDG_DATA_HOME to another folder';

async function openLocked({
  from,
  folder,
  cache,
  now,
  pinned,
  access = {},
  progress,
}: RemoteFeedOptions): Promise<RemoteFeed> {
  const origin = await openOrigin(from, access, folder);
  const first = firstTrust(folder);
  try {
    progress(`checking ${from}`);
    const trusted = await refreshTrust({
      folder,
      origin,
      now,
      quick: true,
      ...(pinned && { pinned, chosenRoot: true }),
    });
    const targets = await feedTargets(trusted, origin.name);
    const source: BlockSource = { origin, cache, progress };
    const read = (name: string) => readTarget(source, name, targets[name]);
    const bytes = await read(catalogName);
    const catalog = readCatalog(bytes, `${origin.name}: ${catalogName}`);
    requireOwnParts(catalog, trusted.roles, now, origin.name);
    first.keep();
    const view = new RemoteIndex(catalog, {
      nameDigest: (key) => nameDigest(key).readUInt32BE(0),
      list: async (name) => readList(await read(name), `${origin.name}: ${name}`),
      blocks: (file, wanted) => loadBlocks(source, file, wanted),
      async naming(id) {
        progress(`looking for ${id} on all platforms`);
        if (!targets[searchName]) return undefined;
        const list = readSearchList(await read(searchName), `${origin.name}: ${searchName}`);
        return searchRemote(source, list, id);
      },
    });
    return {
      manifest: view.manifest,
      signed: trusted.signed,
      digest: () => `sha256:${sha256(bytes)}`,
      view: view.atHand,
      complete: (work) => view.complete(work, () => progress('fetching what the packages need'), ofScan),
      contentFile: (path) => contentFile(path, { catalog, trusted, source, folder }),
      traffic: origin.traffic,
      async close() {
        await origin.close();
      },
    };
  } catch (error) {
    first.undo(error);
    await origin.close();
    throw error;
  }
}

function ownTrustFolder(folder: string): void {
  try {
    ownFolder(folder, othersMayWrite, 'TRUST_NOT_PRIVATE');
  } catch (cause) {
    if (cause instanceof ScapfeedError) throw cause;
    throw writeError({
      message: `what is trusted of a published feed cannot be kept: ${systemReason(cause)}`,
      where: folder,
      remedy: roomForTrust,
      cause,
    });
  }
}

/** The same error with a remedy for a scan: that of a pull names a pull's options, and the feed that it keeps. */
export function ofScan(error: unknown): unknown {
  if (!(error instanceof ScapfeedError) || error.remedy === undefined) return error;
  const { code, message, where, cause } = error;
  const remedy = error.remedy === roomForPull ? roomForTrust : error.remedy.replace(feedStays, '');
  return new ScapfeedError({ code, message, ...(where !== undefined && { where }), remedy, cause });
}

async function feedTargets(trusted: Trusted, name: string): Promise<Record<string, TargetInfo>> {
  const targets = trusted.roles.includes(feedRole) ? await trusted.targets(feedRole) : {};
  if (targets[catalogName]) return targets;
  throw new ScapfeedError({
    code: 'FEED_MISSING',
    message: 'the feed was published without blocks, and can only be pulled',
    where: name,
    remedy: `get it with \`scapfeed pull --from ${name}\`, or ask the publisher for \`scapfeed publish --blocks\``,
  });
}

interface ContentSource {
  catalog: BlockCatalog;
  trusted: Trusted;
  source: BlockSource;
  folder: string;
}

/** Fetches the whole file, unless it is cached, and leaves it where evaluations open it. */
async function contentFile(
  path: string,
  { catalog, trusted, source, folder }: ContentSource,
): Promise<string> {
  const [part] =
    Object.entries(catalog.parts).find(([, { content = [] }]) =>
      content.some((entry) => entry.path === path),
    ) ?? [];
  const targets = part === undefined ? {} : await trusted.targets(part);
  const target = smallestForm(targets, `${part}/${path}`);
  const bytes = await readTarget(source, target?.name ?? path, target?.info);
  const where = `${source.origin.name}: ${path}`;
  const content = await decompress(bytes, encodingOf(target!.name)!, mostUnfolded(bytes.length), where);
  const file = join(folder, 'content', sha256(content), basename(path));
  if (!(existsSync(file) && readWhole(file).equals(content))) await writeAtomically(file, content, 0o600);
  return file;
}

async function readTarget(source: BlockSource, name: string, info: TargetInfo | undefined): Promise<Buffer> {
  if (info) return signedBytes(source, targetPath(name, info.hashes.sha256), info.length, info.hashes.sha256);
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: `the signed metadata does not name ${name}`,
    where: source.origin.name,
    remedy: 'report it to the publisher; meanwhile use `scapfeed pull`',
  });
}

/**
 * Looks up a name in the search file and returns its packages, none if it has no line. Returns `undefined` if the origin
 * lacks the block that would have it.
 */
async function searchRemote(
  source: BlockSource,
  { files }: SearchList,
  id: string,
): Promise<SearchRecord['packages'] | undefined> {
  const { origin } = source;
  for (const { keys, served, plain, digests } of files) {
    const at = id.isWellFormed() ? lastNotAfter(keys, id) : -1;
    if (at < 0) continue;
    const digest = digestOfBlock({ digests }, at);
    const path = blockPath(digest);
    let bytes: Buffer;
    try {
      bytes = await signedBytes(source, path, served[at]!, digest);
    } catch (error) {
      if (origin.mayLackBlocks && isMissing(error)) return undefined;
      throw error;
    }
    const text = unfolded(bytes, plain[at]!, `${origin.name}/${path}`).toString('utf8');
    const line = lineOf(text, id, 'id');
    if (line !== undefined) return (parseForeignJson(line) as SearchRecord).packages;
  }
  return {};
}
