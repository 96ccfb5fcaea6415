import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Feed, feedOf } from '../../feed/read/feed.ts';
import { mostUnfolded } from '../../io/bytes.ts';
import { writeAtomically } from '../../io/files.ts';
import { awaitLock } from '../../io/lock.ts';
import type { PrivateCache } from '../../io/private-cache.ts';
import { systemReason, writeError } from '../../io/system-reason.ts';
import { type Manifest, type Progress, ScapfeedError } from '../../model/index.ts';
import { isAssessmentPart } from '../feed/assessment-parts.ts';
import { decompress, encodingOf, smallestForm } from '../feed/encoding.ts';
import { joinManifests } from '../feed/join.ts';
import { sha256 } from '../feed/lines.ts';
import { feedStays, roomForPull } from '../feed-stays.ts';
import type { RegistryAccess } from '../oci/repository.ts';
import { othersMayWrite, ownFolder } from '../private-folder.ts';
import { firstTrust } from '../pull/first-trust.ts';
import { openOrigin } from '../pull/open-origin.ts';
import { clockTolerance, refreshTrust, type Trusted } from '../pull/trust.ts';
import { feedRole, targetPath } from '../site/layout.ts';
import type { TargetInfo } from '../tuf/metadata.ts';
import { type BlockSource, loadBlocks, signedBytes } from './fetch-blocks.ts';
import { type BlockCatalog, catalogName, readCatalog, readList } from './list.ts';
import { type RemoteFile, RemoteFiles, rankOf, type WantedBlocks } from './remote-files.ts';

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

/** Look-ups in a feed. */
export type RemoteView = Omit<Feed, 'directory' | 'digest' | 'close'>;

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

/** Runs after which reading is given up; each brings something new, and a scan takes five to seven. */
const mostRuns = 64;

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
    const source: BlockSource = { origin, cache };
    const read = (name: string) => readTarget(source, name, targets[name]);
    const bytes = await read(catalogName);
    const catalog = readCatalog(bytes, `${origin.name}: ${catalogName}`);
    requireOwnParts(catalog, trusted.roles, now, origin.name);
    first.keep();
    const files = new RemoteFiles(catalog);
    const manifest = manifestOf(catalog);
    const viewOf = (wanted: WantedBlocks): RemoteView => opening(files, feedOf(manifest, files.view(wanted)));
    return {
      manifest,
      signed: trusted.signed,
      digest: () => `sha256:${sha256(bytes)}`,
      view: viewOf({ list: notAtHand, block: ({ blocks }) => notAtHand(blocks.path) }),
      async complete(work) {
        for (let run = 0; run < mostRuns; run++) {
          const missing = new Missing();
          const outcome = await settled(() => work(viewOf(missing)));
          if (missing.isNothing) {
            if ('error' in outcome) throw outcome.error;
            return outcome.value;
          }
          progress('fetching what the packages need');
          await missing.fetch(files, source, read).catch((error: unknown) => {
            throw ofScan(error);
          });
        }
        throw notAtHand(`more than ${mostRuns} runs`);
      },
      contentFile: (path) => contentFile(path, { catalog, trusted, source, folder }),
      traffic: origin.traffic,
      async close() {
        cache.prune();
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
function ofScan(error: unknown): unknown {
  if (!(error instanceof ScapfeedError) || error.remedy === undefined) return error;
  const { code, message, where, cause } = error;
  const remedy =
    error.remedy === roomForPull
      ? roomForTrust
      : error.remedy.replace('with --from', 'with --feed').replace(feedStays, '');
  return new ScapfeedError({ code, message, ...(where !== undefined && { where }), remedy, cause });
}

/** A shard that is asked for opens its part: the details of what it names are there. */
function opening(files: RemoteFiles, view: RemoteView): RemoteView {
  return {
    ...view,
    shard(id) {
      files.open(id);
      return view.shard(id);
    },
  };
}

/** What one run met that is not at hand. */
class Missing implements WantedBlocks {
  readonly #lists = new Set<string>();
  readonly #blocks = new Map<string, { file: RemoteFile; wanted: Set<number> }>();

  list(name: string): void {
    this.#lists.add(name);
  }

  block(file: RemoteFile, at: number): void {
    const key = `${file.part}/${file.blocks.path}`;
    const { wanted } = this.#blocks.get(key) ?? { wanted: new Set<number>() };
    wanted.add(at);
    this.#blocks.set(key, { file, wanted });
  }

  get isNothing(): boolean {
    return this.#lists.size === 0 && this.#blocks.size === 0;
  }

  /** Fetches the lists; without any, the blocks of the first rank. */
  async fetch(
    files: RemoteFiles,
    source: BlockSource,
    read: (name: string) => Promise<Buffer>,
  ): Promise<void> {
    for (const name of this.#lists) {
      const part = files.partOf(name);
      if (part === undefined) throw notAtHand(name);
      files.add(name, part, readList(await read(name), `${source.origin.name}: ${name}`).files);
    }
    if (this.#lists.size > 0) return;
    const asked = [...this.#blocks.values()];
    const least = Math.min(...asked.map(({ file }) => rankOf(file)));
    for (const { file, wanted } of asked)
      if (rankOf(file) === least) await loadBlocks(source, file, [...wanted]);
  }
}

async function settled<T>(work: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

function notAtHand(what: string): never {
  throw new ScapfeedError({
    code: 'FEED_CORRUPT',
    message: `${what} of the published feed was not fetched`,
    remedy: 'pull the feed with `scapfeed pull`, and report this',
  });
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
  if (!(existsSync(file) && readFileSync(file).equals(content))) await writeAtomically(file, content, 0o600);
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

/** A part is of the platform that it is named after, and none is from the future. */
function requireOwnParts({ parts }: BlockCatalog, roles: readonly string[], now: Date, where: string): void {
  for (const [part, { platforms, created, content = [] }] of Object.entries(parts)) {
    const ids = platforms.map(({ id }) => id);
    const isOwn = isAssessmentPart(part) ? ids.length === 0 : ids.length === 1 && ids[0] === part;
    const isContentOwn = content.every(
      ({ platforms: [id, another] }) => id === part && another === undefined,
    );
    if (!isOwn || !isContentOwn || !roles.includes(part)) {
      throw new ScapfeedError({
        code: 'TRUST_FOREIGN_CONTENT',
        message: `expected the platform ${part}, the catalog has ${ids.join(', ') || 'none'}`,
        where,
        remedy: 'report it to the publisher',
      });
    }
    if (Date.parse(created) > now.getTime() + clockTolerance) {
      throw new ScapfeedError({
        code: 'TRUST_FROM_FUTURE',
        message: `the feed's data is of ${created}, which is in the future`,
        where,
        remedy: "set this machine's clock; if it is right, report it to the publisher",
      });
    }
  }
}

function manifestOf({ parts }: BlockCatalog): Manifest {
  const received = Object.entries(parts).map(([platform, manifest]) => ({
    platform,
    manifest,
    files: new Map<string, Buffer>(),
  }));
  return joinManifests(
    received,
    received.flatMap(({ manifest }) => manifest.outputs),
  );
}
