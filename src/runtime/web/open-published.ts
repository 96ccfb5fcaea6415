import type { Feed } from '../../feed/read/feed.ts';
import { lastNotAfter } from '../../feed/read/sorted-keys.ts';
import { currentTime } from '../../io/clock.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { mostUnfolded } from '../../io/unfolding.ts';
import { ScapfeedError } from '../../model/error.ts';
import type { Manifest, Score } from '../../model/feed/index.ts';
import type { Inventory } from '../../model/inventory/index.ts';
import type { Judgement } from '../../model/verdict/index.ts';
import {
  type BlockedFile,
  blockPath,
  brokenList,
  catalogName,
  digestOfBlock,
  parseCatalog,
  parseList,
  parseSearchList,
  searchName,
} from '../../published/block-list.ts';
import { feedRole, targetPath } from '../../published/names.ts';
import { requireOwnParts } from '../../published/own-parts.ts';
import {
  isWholeBetter,
  lineOf,
  placeWhole,
  plainLength,
  type RemoteFile,
} from '../../published/remote-files.ts';
import { RemoteIndex } from '../../published/remote-index.ts';
import type { SearchRecord } from '../../published/search-record.ts';
import { type JudgeOptions, judge } from '../judge.ts';
import { digestOf, gunzip, sha256 } from './bytes.ts';
import { WebOrigin } from './origin.ts';
import type { VerifyEd25519 } from './signature.ts';
import { followTrust, type TrustStore } from './trust.ts';

export interface OpenPublishedOptions {
  /** The publisher's root.json that the user trusts: its bytes or its text. */
  root: Uint8Array | string;
  /** Where verified metadata is kept between visits. Default: nowhere, so that older states of the feed are accepted. */
  store?: TrustStore;
  /** The time by which expiry and ages are judged. Default: now, at each look-up. */
  now?: Date;
  /** Does the requests. Default: the browser's `fetch`. */
  fetch?: typeof fetch;
  /** Verifies signatures of Ed25519 where WebCrypto does not. Default: such browsers are refused. */
  verifyEd25519?: VerifyEd25519;
}

export interface WebJudgeOptions extends JudgeOptions {
  /** Whether CVSS vectors are fetched, which are in blocks of their own; they are empty otherwise. Default: true. */
  vectors?: boolean;
}

/** A feed on a web server of which only what is needed is fetched. */
export interface WebFeed {
  readonly url: string;
  readonly manifest: Manifest;
  /** When the publisher signed it. */
  readonly signed: Date;
  /** Version and sha256 of the root by which it was verified. */
  readonly root: { version: number; sha256: string };
  /** Requests and bytes so far. */
  readonly traffic: Readonly<{ requests: number; bytes: number }>;
  /**
   * Judges an inventory as `judge` does.
   * @throws {ScapfeedError} as `judge`, TRUST_… and FETCH_… for blocks that do not come as signed, TRUST_EXPIRED once the signatures have
   */
  judge(inventory: Inventory, options?: WebJudgeOptions): Promise<Judgement>;
  /**
   * Returns the packages that have statements about this name, with the platforms of each, or `undefined` if the signed index
   * proves that no statement names it. @throws {ScapfeedError} FEED_MISSING if the feed was published without its page,
   * TRUST_… and FETCH_… as `judge`
   */
  search(name: string): Promise<SearchRecord | undefined>;
  /**
   * Runs `work` until it has met nothing that is missing, and returns what it then returns. Runs before that see lines as absent, and their
   * results and errors are dropped: `work` must have no other effect.
   */
  complete<T>(work: (feed: Feed) => T | Promise<T>): Promise<T>;
}

/** Requests at the same time, as many as browsers make to one host. */
const requestsAtOnce = 6;

/**
 * Opens a feed that was published with `publish --blocks`, over fetch: TUF's metadata first, checked by WebCrypto, then the signed lists, and with
 * each look-up the blocks that it needs, each checked by its signed digest before it is decompressed.
 * @throws {ScapfeedError} TRUST_…, FETCH_…, FEED_MISSING, FEED_CORRUPT, FEED_FORMAT_UNSUPPORTED
 * @example
 * ```js
 * import { openPublished } from 'scapfeed/runtime/web';
 *
 * const feed = await openPublished('https://feeds.example/feed/', { root: pinnedRoot });
 * const { verdicts, gaps } = await feed.judge(inventory);
 * ```
 */
export async function openPublished(url: string, options: OpenPublishedOptions): Promise<WebFeed> {
  const { root, store = nowhere } = options;
  const clock = () => options.now ?? currentTime();
  const now = clock();
  const pinned = typeof root === 'string' ? new TextEncoder().encode(root) : root;
  const origin = new WebOrigin(url, options.fetch);
  const trust = await followTrust({ origin, pinned, store, now, verifyEd25519: options.verifyEd25519 });
  const targets = trust.roles.includes(feedRole) ? await trust.targets(feedRole) : {};
  const unfolded = async (name: string) => {
    const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
    const where = `${origin.url}: ${name}`;
    if (!target) throw absentList(name, origin.url, where);
    const { length, hashes } = target;
    const bytes = await origin.signed(targetPath(name, hashes.sha256), length, hashes.sha256);
    const text = await gunzip(bytes, { most: mostUnfolded(bytes.length) });
    if (!text) throw brokenList('not gzip', where);
    return { text, where, bytes };
  };
  const catalogBytes = await unfolded(catalogName);
  const catalog = parseCatalog(catalogBytes.text, catalogBytes.where);
  requireOwnParts(catalog, trust.roles, now, origin.url);
  const digest = `sha256:${await sha256(catalogBytes.bytes)}`;
  const names = new Map<string, number>();
  const index = new RemoteIndex(catalog, {
    nameDigest: (key) => names.get(key),
    async names(keys) {
      for (const key of keys) {
        const found = await digestOf(new TextEncoder().encode(key));
        names.set(key, new DataView(found.buffer).getUint32(0));
      }
    },
    async list(name) {
      const { text, where } = await unfolded(name);
      return parseList(text, where);
    },
    async blocks(file, wanted) {
      if (!(await loadedWhole(origin, file, wanted))) await loadBlocks(origin, file, wanted);
    },
  });
  const complete: WebFeed['complete'] = async (work) => {
    // A page can stay open for weeks.
    trust.requireUnexpired(clock());
    return index.complete((view) =>
      work({ ...view, directory: origin.url, digest: () => digest, close: () => {} }),
    );
  };
  let searched: Promise<SearchedFile[]> | undefined;
  const searchFiles = async () => {
    const { text, where } = await unfolded(searchName);
    return parseSearchList(text, where).files.map((blocks) => ({ blocks, loaded: new Map() }));
  };
  return {
    url: origin.url,
    manifest: index.manifest,
    async search(name) {
      trust.requireUnexpired(clock());
      searched ??= searchFiles();
      searched.catch(() => {
        searched = undefined;
      });
      for (const file of await searched) {
        const at = name.isWellFormed() ? lastNotAfter(file.blocks.keys, name) : -1;
        if (at < 0) continue;
        if (!file.loaded.has(at)) await loadBlocks(origin, file, [at]);
        const line = lineOf(new TextDecoder().decode(file.loaded.get(at)), name, 'id');
        if (line !== undefined) return parseForeignJson(line) as SearchRecord;
      }
      return undefined;
    },
    signed: trust.signed,
    root: trust.root,
    traffic: origin.traffic,
    complete,
    judge: (inventory, { vectors = true, ...how } = {}) =>
      complete((feed) => {
        const judgement = judge(feed, inventory, { now: clock(), ...how });
        for (const { cvss } of judgement.verdicts) if (cvss) settleVector(cvss, vectors);
        return judgement;
      }),
  };
}

/** A vector is read when it is asked for, which is too late once the work has ended. */
function settleVector(score: Score, read: boolean): void {
  Object.defineProperty(score, 'vector', { value: read ? score.vector : '', enumerable: true });
}

const nowhere: TrustStore = { get: () => undefined, set: () => {} };

interface SearchedFile {
  blocks: BlockedFile;
  loaded: Map<number, Uint8Array>;
}

/** Fetches the whole file where that costs less than the blocks, and the feed has it in gzip. */
async function loadedWhole(origin: WebOrigin, file: RemoteFile, wanted: readonly number[]): Promise<boolean> {
  const { blocks } = file;
  const whole = blocks.gzip ?? blocks.whole;
  if (!whole.name.endsWith('.gz') || !isWholeBetter(whole.length, blocks, wanted)) return false;
  const path = targetPath(whole.name, whole.sha256);
  const bytes = await origin.signed(path, whole.length, whole.sha256);
  const size = plainLength(blocks);
  const content = await gunzip(bytes, { exactly: size, most: size });
  if (!content) throw brokenBlock(size, origin.url + path);
  placeWhole(file, content);
  return true;
}

async function loadBlocks(
  origin: WebOrigin,
  { blocks, loaded }: Pick<RemoteFile, 'loaded'> & { blocks: BlockedFile },
  wanted: readonly number[],
): Promise<void> {
  const waiting = [...wanted];
  const worker = async () => {
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const path = blockPath(digestOfBlock(blocks, at));
      const bytes = await origin.signed(path, blocks.served[at]!, digestOfBlock(blocks, at));
      const [exactly, most] = [blocks.plain[at]!, blocks.plain[at]!];
      const content = await gunzip(bytes, { exactly, most });
      if (!content) throw brokenBlock(exactly, origin.url + path);
      loaded.set(at, content);
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, worker));
}

function brokenBlock(bytes: number, where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: `expected a block of ${bytes} bytes, found something else`,
    where,
    remedy: 'report it to the publisher; meanwhile use `scapfeed pull`',
  });
}

function absentList(name: string, url: string, where: string): ScapfeedError {
  if (name === catalogName) return withoutBlocks(url);
  return name === searchName ? withoutSearch(url) : brokenList('it is not signed', where);
}

function withoutSearch(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_MISSING',
    message: 'the feed was published without an index to search in',
    where,
    remedy: 'ask the publisher for `scapfeed publish --site`',
  });
}

function withoutBlocks(where: string): ScapfeedError {
  return new ScapfeedError({
    code: 'FEED_MISSING',
    message: 'the feed was published without blocks, and can only be pulled',
    where,
    remedy: 'ask the publisher for `scapfeed publish --blocks`',
  });
}
