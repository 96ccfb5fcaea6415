import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openPending } from '../io/files.ts';

/** Position of a line in a sealed file: byte offset, and length without its newline. */
export type LineSpan = readonly [offset: number, length: number];

/** A file of lines whose last one is the sha256 of all others, so that damage is detected. */
export interface SealedFile {
  add(line: string): Promise<LineSpan>;
  /** Renames the file to its final name; until then readers do not find it. */
  seal(): Promise<void>;
  /** Removes what was written; does nothing after `seal`. */
  discard(): Promise<void>;
}

const flushBytes = 1 << 20;

export async function beginSealed(path: string): Promise<SealedFile> {
  const file = await openPending(dirname(path));
  const hash = createHash('sha256');
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let offset = 0;
  const flush = async () => {
    const bytes = Buffer.concat(pending);
    hash.update(bytes);
    await file.write(bytes);
    pending = [];
    pendingBytes = 0;
  };
  return {
    add: async (line) => {
      const bytes = Buffer.from(`${line}\n`);
      const place: LineSpan = [offset, bytes.length - 1];
      offset += bytes.length;
      pending.push(bytes);
      pendingBytes += bytes.length;
      if (pendingBytes > flushBytes) await flush();
      return place;
    },
    seal: async () => {
      await flush();
      await file.write(Buffer.from(hash.digest('hex')));
      await file.commit(path, false);
    },
    discard: () => file.discard(),
  };
}

/** Reads the lines without the checksum; undefined: there is no such file, or it is damaged. */
export async function readSealed(path: string): Promise<Buffer | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (!bytes) return undefined;
  const lines = bytes.subarray(0, Math.max(0, bytes.length - 64));
  const seal = bytes.subarray(lines.length).toString('latin1');
  return createHash('sha256').update(lines).digest('hex') === seal ? lines : undefined;
}

export function lineAt(bytes: Buffer, [offset, length]: LineSpan): string {
  return bytes.toString('utf8', offset, offset + length);
}

export function* linesFrom(bytes: Buffer, start: number): Generator<string> {
  for (let at = start; at < bytes.length; ) {
    const end = bytes.indexOf(0x0a, at);
    yield bytes.toString('utf8', at, end);
    at = end + 1;
  }
}
