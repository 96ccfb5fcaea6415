import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../io/files.ts';
import { readWhole } from '../../io/read-whole.ts';

/** A cache of small files from a registry. It is not trusted, and may be deleted at any time. */
export interface KeptFiles {
  read(name: string): Buffer | undefined;
  /** Write errors are ignored: the file is then fetched the next time. */
  write(name: string, bytes: Buffer): Promise<void>;
  /** Removes files that were neither read nor written. */
  sweep(): void;
}

export function keptFiles(folder: string): KeptFiles {
  const used = new Set<string>();
  return {
    read(name) {
      used.add(name);
      const path = join(folder, name);
      return existsSync(path) ? readWhole(path) : undefined;
    },
    async write(name, bytes) {
      used.add(name);
      await writeAtomically(join(folder, name), bytes).catch(() => undefined);
    },
    sweep() {
      if (!existsSync(folder)) return;
      for (const name of readdirSync(folder)) {
        if (!used.has(name)) rmSync(join(folder, name), { recursive: true, force: true });
      }
    },
  };
}
