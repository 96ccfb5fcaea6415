import { type Feed, feedOf } from '../feed/read/feed.ts';
import { parseForeignJson } from '../io/foreign-json.ts';
import { ScapfeedError } from '../model/error.ts';
import type { Manifest, ShardRecord } from '../model/feed/index.ts';
import type { BlockCatalog, BlockList } from './block-list.ts';
import { joinManifests } from './join-manifests.ts';
import { shardPath } from './names.ts';
import { type NameDigest, type RemoteFile, RemoteFiles, rankOf, type WantedBlocks } from './remote-files.ts';

/** Look-ups in a feed. */
export interface RemoteView extends Omit<Feed, 'directory' | 'digest' | 'close'> {
  /** Where statements name a vulnerability or an advisory, on any platform. Absent: the host does not look for it. */
  naming?(id: string): NamingPackages;
}

/** Brings what is missing of a published feed, each checked by its signed length and digest. */
export interface RemoteHost {
  nameDigest: NameDigest;
  /** Computes digests that `nameDigest` returns from then on. Absent: it has all. */
  names?(keys: readonly string[]): Promise<void>;
  list(name: string): Promise<BlockList>;
  /** Puts blocks in `file.loaded`, decompressed. */
  blocks(file: RemoteFile, wanted: readonly number[]): Promise<void>;
  /** Packages of an id by the search file. `undefined`: the feed has none, and its shards are read. Absent: no view has `naming`. */
  naming?(id: string): Promise<NamingPackages | undefined>;
}

/** Runs after which reading is given up; each brings something new, and a scan takes five to seven. */
const mostRuns = 64;

/** The index of a published feed, of which only what is needed is fetched. */
export class RemoteIndex {
  readonly manifest: Manifest;
  readonly #files: RemoteFiles;
  readonly #host: RemoteHost;
  readonly #naming = new Map<string, NamingPackages>();

  constructor(catalog: BlockCatalog, host: RemoteHost) {
    this.#files = new RemoteFiles(catalog, host.nameDigest);
    this.#host = host;
    this.manifest = manifestOf(catalog);
  }

  /** Look-ups in what {@link complete} brought. @throws FEED_CORRUPT for anything else */
  get atHand(): RemoteView {
    return this.#viewOf({
      list: notAtHand,
      block: ({ blocks }) => notAtHand(blocks.path),
      name: notAtHand,
      naming: notAtHand,
    });
  }

  /**
   * Runs `work` until it has met nothing that is missing, and returns what it then returns. Runs before that see lines as absent: their
   * results and errors are dropped, so that `work` must have no other effect.
   */
  async complete<T>(
    work: (view: RemoteView) => T | Promise<T>,
    fetching: () => void = () => {},
    errorOf: (error: unknown) => unknown = (error) => error,
  ): Promise<T> {
    for (let run = 0; run < mostRuns; run++) {
      const missing = new Missing();
      const outcome = await settled(() => work(this.#viewOf(missing)));
      if (missing.isNothing) {
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
      }
      fetching();
      await this.#fetch(missing).catch((error: unknown) => {
        throw errorOf(error);
      });
    }
    throw notAtHand(`more than ${mostRuns} runs`);
  }

  #viewOf(wanted: WantedBlocks & { naming(id: string): void }): RemoteView {
    const view = opening(this.#files, feedOf(this.manifest, this.#files.view(wanted)));
    if (!this.#host.naming) return view;
    return {
      ...view,
      naming: (id) => {
        const packages = this.#naming.get(id);
        if (!packages) wanted.naming(id);
        return packages ?? {};
      },
    };
  }

  /** Packages that name an id are looked up last: most often the packages of the image answer it. */
  async #fetch(missing: Missing): Promise<void> {
    if (!missing.isOnlyNaming) return missing.fetch(this.#files, this.#host);
    for (const id of missing.ids)
      this.#naming.set(id, (await this.#host.naming!(id)) ?? (await this.#namingInShards(id)));
  }

  async #namingInShards(id: string): Promise<NamingPackages> {
    const packages: Record<string, string[]> = Object.create(null);
    for (const platform of this.manifest.platforms) {
      const file = await this.#wholeShard(platform.id);
      if (file) addNaming(packages, id, platform.id, file.loaded.values());
    }
    return packages;
  }

  async #wholeShard(platform: string): Promise<RemoteFile | undefined> {
    const path = shardPath(platform);
    for (let list = this.#files.listBefore(platform, path); list !== undefined; ) {
      this.#files.add(list, platform, (await this.#host.list(list)).files);
      const next = this.#files.listBefore(platform, path);
      if (next === list) throw notAtHand(list);
      list = next;
    }
    const file = this.#files.fileOf(platform, path);
    if (!file) return undefined;
    const absent = file.blocks.keys.map((_, at) => at).filter((at) => !file.loaded.has(at));
    if (absent.length > 0) await this.#host.blocks(file, absent);
    return file;
  }
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

/** Parts that one run needed and that are not at hand. */
class Missing implements WantedBlocks {
  readonly #names = new Set<string>();
  readonly #lists = new Set<string>();
  readonly #blocks = new Map<string, { file: RemoteFile; wanted: Set<number> }>();
  /** Ids of which the whole feed is to say who names them. */
  readonly ids = new Set<string>();

  list(name: string): void {
    this.#lists.add(name);
  }

  name(key: string): void {
    this.#names.add(key);
  }

  block(file: RemoteFile, at: number): void {
    const key = `${file.part}/${file.blocks.path}`;
    const { wanted } = this.#blocks.get(key) ?? { wanted: new Set<number>() };
    wanted.add(at);
    this.#blocks.set(key, { file, wanted });
  }

  naming(id: string): void {
    this.ids.add(id);
  }

  get isNothing(): boolean {
    return this.isOnlyNaming && this.ids.size === 0;
  }

  get isOnlyNaming(): boolean {
    return this.#names.size === 0 && this.#lists.size === 0 && this.#blocks.size === 0;
  }

  /** Brings digests of names; without any missing, the lists; without any, the blocks of the first rank. */
  async fetch(files: RemoteFiles, host: RemoteHost): Promise<void> {
    if (this.#names.size > 0) return host.names!([...this.#names]);
    for (const name of this.#lists) {
      const part = files.partOf(name);
      if (part === undefined) throw notAtHand(name);
      files.add(name, part, (await host.list(name)).files);
    }
    if (this.#lists.size > 0) return;
    const asked = [...this.#blocks.values()];
    const least = Math.min(...asked.map(({ file }) => rankOf(file)));
    for (const { file, wanted } of asked) if (rankOf(file) === least) await host.blocks(file, [...wanted]);
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

function manifestOf({ parts }: BlockCatalog): Manifest {
  const received = Object.entries(parts).map(([platform, manifest]) => ({
    platform,
    manifest,
  }));
  return joinManifests(
    received,
    received.flatMap(({ manifest }) => manifest.outputs),
  );
}

/** Names of packages to ids of platforms whose statements about them name an id. */
type NamingPackages = Readonly<Record<string, readonly string[]>>;

/** Adds the packages of a platform's shard, in any pieces of whole lines, of which a statement names a vulnerability or an advisory. */
function addNaming(
  packages: Record<string, string[]>,
  id: string,
  platform: string,
  pieces: Iterable<Uint8Array | string>,
): void {
  const texts = Array.from(pieces, (piece) => (typeof piece === 'string' ? piece : utf8.decode(piece)));
  // A statement names an id itself, or a list that has it.
  const ids = new Set([id]);
  for (const record of recordsWith(id, texts))
    if ('list' in record && record.ids.includes(id)) ids.add(record.list);
  for (const each of ids)
    for (const record of recordsWith(each, texts)) {
      if (!('claims' in record)) continue;
      const isNamed = record.claims.some(
        (claim) => claim.ids.includes(each) || claim.advisories?.includes(each) === true,
      );
      const platforms = packages[record.package] ?? [];
      if (isNamed && !platforms.includes(platform)) packages[record.package] = [...platforms, platform];
    }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function* recordsWith(id: string, texts: readonly string[]): Generator<ShardRecord> {
  const quoted = JSON.stringify(id);
  for (const text of texts)
    for (let end = 0, at = text.indexOf(quoted); at !== -1; at = text.indexOf(quoted, end)) {
      const next = text.indexOf('\n', at);
      end = next === -1 ? text.length : next;
      yield parseForeignJson(text.slice(text.lastIndexOf('\n', at) + 1, end)) as ShardRecord;
    }
}
