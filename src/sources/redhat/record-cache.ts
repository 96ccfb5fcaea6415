import { createReadStream } from 'node:fs';
import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { DocumentRecord } from './record.ts';

/** What became of one document of an archive. */
export type ArchiveLine = { record: DocumentRecord } | { path: string; where: string; message: string };

/**
 * Records of an archive, kept between builds: reading 40,000 documents takes half a minute, a night changes 300 of them.
 * The name holds the archive's digest and the reader's version, so a kept file is either right or not found.
 */
export async function keptRecords(path: string): Promise<ArchiveLine[] | undefined> {
  const found = await access(path).then(
    () => true,
    () => false,
  );
  if (!found) return undefined;
  const lines: ArchiveLine[] = [];
  let count: number | undefined;
  try {
    for await (const text of createInterface({ input: createReadStream(path, { highWaterMark: 1 << 20 }) })) {
      const line = JSON.parse(text) as ArchiveLine | { count: number };
      if ('count' in line) count = line.count;
      else lines.push(line);
    }
  } catch {
    return undefined;
  }
  return count === lines.length ? lines : undefined;
}

export interface RecordKeeper {
  add(line: ArchiveLine): Promise<void>;
  /** Gives the file its name: until then a reader finds none. */
  finish(): Promise<void>;
}

const flushCharacters = 1 << 20;

/** Writes records as they come; a last line tells how many there are. */
export async function keepRecords(path: string): Promise<RecordKeeper> {
  await mkdir(dirname(path), { recursive: true });
  const beside = `${path}.${process.pid}.tmp`;
  const file = await open(beside, 'w');
  let pending: string[] = [];
  let characters = 0;
  let count = 0;
  const flush = async () => {
    await file.writeFile(pending.join(''));
    pending = [];
    characters = 0;
  };
  return {
    add: async (line) => {
      const text = `${JSON.stringify(line)}\n`;
      pending.push(text);
      characters += text.length;
      count += 1;
      if (characters > flushCharacters) await flush();
    },
    finish: async () => {
      try {
        pending.push(`${JSON.stringify({ count })}\n`);
        await flush();
        await file.close();
        await rename(beside, path);
      } catch (error) {
        await rm(beside, { force: true });
        throw error;
      }
    },
  };
}
