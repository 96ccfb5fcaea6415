import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../io/files.ts';

/** Small files that a registry need not be asked for again. Nothing in it is trusted; it may vanish at any time. */
export interface KeptFiles {
  read(name: string): Buffer | undefined;
  /** A disk that takes nothing is no reason to fail: then it is fetched the next time. */
  write(name: string, bytes: Buffer): Promise<void>;
  /** Removes what was neither read nor written. */
  sweep(): void;
}

export function keptFiles(folder: string): KeptFiles {
  const used = new Set<string>();
  return {
    read(name) {
      used.add(name);
      const path = join(folder, name);
      return existsSync(path) ? readFileSync(path) : undefined;
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
