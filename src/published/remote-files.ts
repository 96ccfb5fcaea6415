import type { FeedFiles, SortedLines } from '../feed/read/feed-files.ts';
import { lastNotAfter } from '../feed/read/sorted-keys.ts';
import { compareCodeUnits } from '../model/order.ts';
import { isAssessmentPart } from './assessment-parts.ts';
import {
  type BlockCatalog,
  type BlockedFile,
  bytesOfBase64,
  type FileBlocks,
  listName,
  nameBytes,
} from './block-list.ts';
import { belongsTo, isShard } from './names.ts';

/** Parts that a reader asked for and that are not at hand. */
export interface WantedBlocks {
  list(name: string): void;
  block(file: RemoteFile, at: number): void;
  /** The digest of a key, which a host computes between two runs. */
  name?(key: string): void;
}

/** The first four bytes of the sha256 of a key, as a number. Undefined: not computed yet. */
export type NameDigest = (key: string) => number | undefined;

/** A line file with the blocks of it that are at hand, decompressed. */
export interface RemoteFile {
  part: string;
  blocks: FileBlocks;
  loaded: Map<number, Uint8Array | string>;
  /** Digests of its keys; absent: not listed. */
  names?: ReadonlySet<number>;
}

/** The files of a published feed, as far as their lists and blocks are at hand. */
export class RemoteFiles {
  readonly #catalog: BlockCatalog;
  /** Files by part and path. */
  readonly #files = new Map<string, Map<string, RemoteFile>>();
  /** Names of lists that are at hand. */
  readonly #lists = new Set<string>();
  /** Parts whose details are looked in. */
  readonly #opened = new Set<string>();

  readonly #nameDigest: NameDigest;

  constructor(catalog: BlockCatalog, nameDigest: NameDigest) {
    this.#catalog = catalog;
    this.#nameDigest = nameDigest;
    for (const file of catalog.files) {
      const part = this.#ownerOf(file.path);
      if (part !== undefined) this.#put(part, file);
    }
  }

  /** Adds the files of a list that came. */
  add(name: string, part: string, files: readonly FileBlocks[]): void {
    this.#lists.add(name);
    for (const file of files) this.#put(part, file);
  }

  /** From now on details are looked up in this part too. */
  open(part: string): void {
    if (Object.hasOwn(this.#catalog.parts, part)) this.#opened.add(part);
  }

  /** The part of which a list is. */
  partOf(list: string): string | undefined {
    return Object.keys(this.#catalog.parts).find(
      (part) =>
        list === listName(part) || list.startsWith(listName(part, '').slice(0, -'.list.json.gz'.length)),
    );
  }

  /** The next list to be fetched before {@link fileOf} has the file. Undefined: none. */
  listBefore(part: string, path: string): string | undefined {
    const list = listName(part);
    if (!isAssessmentPart(part) && !this.#lists.has(list)) return list;
    return this.fileOf(part, path)?.blocks.list;
  }

  /** Undefined: the part has no such file. */
  fileOf(part: string, path: string): RemoteFile | undefined {
    return this.#files.get(part)?.get(path);
  }

  /** Access that notes what is missing. */
  view(wanted: WantedBlocks): FeedFiles {
    const lines = (path: string): SortedLines | undefined => {
      const owner = this.#ownerOf(path);
      const parts = owner === undefined ? this.#newestFirst() : [owner];
      const sources = parts.flatMap((part) => this.#sourceOf(part, path, wanted) ?? []);
      if (sources.length === 0) return undefined;
      return {
        find(key, field) {
          for (const source of sources) {
            const line = source(key, field);
            if (line !== undefined) return line;
          }
          return undefined;
        },
      };
    };
    return { lines, table: lines };
  }

  #put(part: string, blocks: FileBlocks): void {
    const files = this.#files.get(part) ?? new Map<string, RemoteFile>();
    const { names } = blocks;
    files.set(blocks.path, {
      part,
      blocks,
      loaded: new Map(),
      ...(names !== undefined && { names: nameSet(names) }),
    });
    this.#files.set(part, files);
  }

  /** Undefined for details and tables, which several parts have. */
  #ownerOf(path: string): string | undefined {
    return Object.keys(this.#catalog.parts).find((part) => belongsTo(path, part));
  }

  #newestFirst(): string[] {
    const order = (part: string) => `${this.#catalog.parts[part]!.created} ${part}`;
    return [...this.#opened].sort((a, b) => compareCodeUnits(order(b), order(a)));
  }

  /** Undefined: the part has no such file. */
  #sourceOf(part: string, path: string, wanted: WantedBlocks): SortedLines['find'] | undefined {
    const list = listName(part);
    if (!isAssessmentPart(part) && !this.#lists.has(list)) return missing(() => wanted.list(list));
    const file = this.#files.get(part)?.get(path);
    if (!file) return undefined;
    const { list: own } = file.blocks;
    if (own !== undefined) return missing(() => wanted.list(own));
    return (key, field) => findIn(file, key, field, { wanted, nameDigest: this.#nameDigest });
  }
}

function missing(want: () => void): SortedLines['find'] {
  return () => {
    want();
    return undefined;
  };
}

/** Cost of one more request, in bytes that could arrive meanwhile: 50 ms at 20 Mbit/s, several requests at once. */
const requestBytes = 16_384;

/** Blocks above which the whole file is fetched, whatever it costs. */
const mostBlocks = 100;

/** Whether a file of this length costs less than these blocks of it. */
export function isWholeBetter(length: number, { served }: BlockedFile, wanted: readonly number[]): boolean {
  if (wanted.length > mostBlocks) return true;
  const bytes = wanted.reduce((sum, at) => sum + served[at]!, 0);
  return bytes + wanted.length * requestBytes >= length + requestBytes;
}

/** Puts all blocks of a file in their places. */
export function placeWhole({ blocks, loaded }: RemoteFile, content: Uint8Array): void {
  let start = 0;
  for (const [at, plain] of blocks.plain.entries()) {
    loaded.set(at, content.subarray(start, start + plain));
    start += plain;
  }
}

/** Length of the whole file before compression. */
export function plainLength({ plain }: BlockedFile): number {
  return plain.reduce((sum, each) => sum + each, 0);
}

/** Order in which what is missing is fetched: what comes later may not be needed once the earlier is there. */
export function rankOf({ part, blocks: { path } }: RemoteFile): number {
  if (isShard(path, part)) return 1;
  return /^index\/(vulnerabilities|advisories|ratings)\.jsonl$/.test(path) ? 3 : 2;
}

function findIn(
  file: RemoteFile,
  key: string,
  field: string | undefined,
  { wanted, nameDigest }: { wanted: WantedBlocks; nameDigest: NameDigest },
): string | undefined {
  const { blocks, loaded, names } = file;
  // Half of a surrogate pair is in no line.
  const at = key.isWellFormed() ? lastNotAfter(blocks.keys, key) : -1;
  if (at < 0) return undefined;
  if (names) {
    const digest = nameDigest(key);
    if (digest === undefined) wanted.name?.(key);
    if (digest === undefined || !names.has(digest)) return undefined;
  }
  const block = loaded.get(at);
  if (block === undefined) {
    wanted.block(file, at);
    return undefined;
  }
  const text = typeof block === 'string' ? block : utf8.decode(block);
  loaded.set(at, text);
  return lineOf(text, key, field);
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The line of a key in a block, by the name of the key's field. */
export function lineOf(block: string, key: string, field: string | undefined): string | undefined {
  const start = field === undefined ? `${key}\n` : `{"${field}":${JSON.stringify(key)}`;
  const isFirst = block.startsWith(start);
  const before = isFirst ? -1 : block.indexOf(`\n${start}`);
  if (before === -1 && !isFirst) return undefined;
  const end = block.indexOf('\n', before + 1);
  return block.slice(before + 1, end === -1 ? block.length : end);
}

function nameSet(names: string): Set<number> {
  const bytes = bytesOfBase64(names);
  const view = new DataView(bytes.buffer);
  const set = new Set<number>();
  for (let at = 0; at < bytes.length; at += nameBytes) set.add(view.getUint32(at));
  return set;
}
