import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { writeError } from '../../io/system-reason.ts';
import type { ScapfeedError } from '../../model/error.ts';

const bufferSize = 1 << 18;
/** UTF-8 needs at most this many bytes for a UTF-16 unit. */
const bytesPerUnit = 3;

/** A file that grows by text: one buffer is in memory, the rest is on disk. */
export class Section {
  readonly path: string;
  readonly #buffer = Buffer.allocUnsafeSlow(bufferSize);
  #held = 0;
  #written = 0;
  #fd: number | undefined;

  constructor(path: string) {
    this.path = path;
  }

  get bytes(): number {
    return this.#written + this.#held;
  }

  write(text: string): void {
    const most = text.length * bytesPerUnit;
    if (most > bufferSize - this.#held) {
      this.#flush();
      if (most > bufferSize) {
        this.#put(Buffer.from(text, 'utf8'));
        return;
      }
    }
    this.#held += this.#buffer.write(text, this.#held, 'utf8');
  }

  writeBytes(bytes: Buffer): void {
    this.#flush();
    this.#put(bytes);
  }

  /** Appends all of another section, which is gone afterwards. */
  append(other: Section): void {
    this.#flush();
    other.#flush();
    for (let at = 0; at < other.#written; ) {
      const read = readSync(other.#fd!, this.#buffer, 0, bufferSize, at);
      this.#put(this.#buffer.subarray(0, read));
      at += read;
    }
    other.discard();
  }

  /** Everything on disk; the file is closed and stays. */
  close(): void {
    this.#flush();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Closes and removes the file, if there is one. */
  discard(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#held = 0;
    rmSync(this.path, { force: true });
  }

  #flush(): void {
    if (this.#held > 0) this.#put(this.#buffer.subarray(0, this.#held));
    this.#held = 0;
  }

  #put(bytes: Buffer): void {
    try {
      this.#fd ??= openSync(this.path, 'w+');
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (cause) {
      throw notWritable(this.path, cause);
    }
    this.#written += bytes.length;
  }
}

/** The error for a full disk or a missing permission. */
export function notWritable(path: string, cause: unknown): ScapfeedError {
  return writeError({
    message: `could not write: ${cause instanceof Error ? cause.message : String(cause)}`,
    where: path,
    remedy: 'free space or choose another output directory; the files of the last good build are untouched',
    cause,
  });
}
