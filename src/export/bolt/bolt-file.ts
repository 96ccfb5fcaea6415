import { closeSync, openSync, writeSync } from 'node:fs';
import { Bucket, type PageSink } from './bucket.ts';
import { firstDataPage, headPages, pageSize } from './format.ts';

const flushBytes = 1 << 20;

/**
 * Writes a bbolt file once, from sorted keys, bottom up: children before parents, nothing is read again. Equal input gives
 * equal bytes. Memory grows with the number of pages, not with their content.
 */
export function writeBolt(path: string, fill: (root: Bucket) => void): void {
  const pages = new PageFile(path);
  try {
    const root = new Bucket(pages);
    fill(root);
    pages.finish(root.finishAsRoot());
  } finally {
    pages.close();
  }
}

class PageFile implements PageSink {
  readonly #file: number;
  #next = firstDataPage;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'w');
    // The meta pages are written last.
    this.#append(Buffer.alloc(firstDataPage * pageSize));
  }

  get next(): number {
    return this.#next;
  }

  write(page: Buffer): void {
    this.#append(page);
    this.#next += page.length / pageSize;
  }

  finish(root: number): void {
    this.#flush();
    writeWhole(this.#file, headPages(root, this.#next), 0);
  }

  close(): void {
    closeSync(this.#file);
  }

  #append(bytes: Buffer): void {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= flushBytes) this.#flush();
  }

  #flush(): void {
    writeWhole(this.#file, Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

function writeWhole(file: number, bytes: Buffer, position?: number): void {
  for (let at = 0; at < bytes.length; )
    at += writeSync(file, bytes, at, bytes.length - at, position === undefined ? null : position + at);
}
