import { type Feed, feedOf } from '../feed/read/feed.ts';
import { type Manifest, ScapfeedError } from '../model/index.ts';
import type { BlockCatalog, BlockList } from './block-list.ts';
import { joinManifests } from './join-manifests.ts';
import { type NameDigest, type RemoteFile, RemoteFiles, rankOf, type WantedBlocks } from './remote-files.ts';

/** Look-ups in a feed. */
export type RemoteView = Omit<Feed, 'directory' | 'digest' | 'close'>;

/** Brings what is missing of a published feed, each checked by its signed length and digest. */
export interface RemoteHost {
  nameDigest: NameDigest;
  /** Computes digests that `nameDigest` returns from then on. Absent: it has all. */
  names?(keys: readonly string[]): Promise<void>;
  list(name: string): Promise<BlockList>;
  /** Puts blocks in `file.loaded`, decompressed. */
  blocks(file: RemoteFile, wanted: readonly number[]): Promise<void>;
}

/** Runs after which reading is given up; each brings something new, and a scan takes five to seven. */
const mostRuns = 64;

/** The index of a published feed, of which only what is needed is fetched. */
export class RemoteIndex {
  readonly manifest: Manifest;
  readonly #files: RemoteFiles;
  readonly #host: RemoteHost;

  constructor(catalog: BlockCatalog, host: RemoteHost) {
    this.#files = new RemoteFiles(catalog, host.nameDigest);
    this.#host = host;
    this.manifest = manifestOf(catalog);
  }

  /** Look-ups in what {@link complete} brought. @throws FEED_CORRUPT for anything else */
  get atHand(): RemoteView {
    return this.#viewOf({ list: notAtHand, block: ({ blocks }) => notAtHand(blocks.path), name: notAtHand });
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
      await missing.fetch(this.#files, this.#host).catch((error: unknown) => {
        throw errorOf(error);
      });
    }
    throw notAtHand(`more than ${mostRuns} runs`);
  }

  #viewOf(wanted: WantedBlocks): RemoteView {
    return opening(this.#files, feedOf(this.manifest, this.#files.view(wanted)));
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

  get isNothing(): boolean {
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
