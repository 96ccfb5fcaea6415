import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { FeedOutput, OffsetIndex } from '../../model/feed/index.ts';

/** Lines per block. A block is one entry of the offset index, and the unit that a reader checks and reads. */
export const linesPerBlock = 32;

const flushBytes = 1 << 20;

export interface KeyedText {
  key: string;
  text: string;
}

/**
 * Writes `FOLDER/NAME.jsonl` from lines sorted by key, and beside it `FOLDER/NAME.offsets.json` with first key, byte offset
 * and sha256 of each block, so that a reader verifies exactly what it reads.
 */
export function writeLineFile(
  root: string,
  path: string,
  lines: Iterable<KeyedText>,
  blockLines = linesPerBlock,
): FeedOutput[] {
  const index: OffsetIndex = { every: blockLines, keys: [], offsets: [], sha256: [] };
  const file = new HashedFile(join(root, path));
  let block: string[] = [];
  for (const { key, text } of lines) {
    if (block.length === 0) {
      index.keys.push(key);
      index.offsets.push(file.size);
    }
    block.push(text);
    if (block.length === blockLines) {
      index.sha256.push(file.append(`${block.join('\n')}\n`));
      block = [];
    }
  }
  if (block.length > 0) index.sha256.push(file.append(`${block.join('\n')}\n`));
  const output = file.close();
  const offsetsPath = path.replace(/\.[a-z]+$/, '.offsets.json');
  return [{ path, ...output }, writeWhole(root, offsetsPath, `${JSON.stringify(index)}\n`)];
}

/** Writes one small file and returns its entry for the manifest. */
export function writeWhole(root: string, path: string, text: string): FeedOutput {
  const file = new HashedFile(join(root, path));
  file.append(text);
  return { path, ...file.close() };
}

class HashedFile {
  size = 0;
  #fd: number;
  #hash = createHash('sha256');
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  /** Adds text; returns its own sha256. */
  append(text: string): string {
    const bytes = Buffer.from(text);
    this.#hash.update(bytes);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.size += bytes.length;
    if (this.#pendingBytes >= flushBytes) this.#flush();
    return createHash('sha256').update(bytes).digest('hex');
  }

  close(): { sha256: string; size: number } {
    this.#flush();
    closeSync(this.#fd);
    return { sha256: this.#hash.digest('hex'), size: this.size };
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pending);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
