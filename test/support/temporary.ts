import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const keptVariable = 'VITEST_SCAPFEED_KEPT';

/**
 * Vitest's global setup: all temporary folders of a run, those of the commands that it starts too, stand in one folder that
 * goes with the run. Returns what removes it.
 */
export default function useOneFolder(): () => Promise<void> {
  const before = tmpdir();
  removeRemains(before);
  const folder = mkdtempSync(join(before, `scapfeed-tests-${process.pid}-`));
  // As open as the folder it replaces: some tests are other users for a while.
  chmodSync(folder, 0o1777);
  process.env[keptVariable] = before;
  process.env['TMPDIR'] = folder;
  return async () => {
    try {
      // Hundreds of thousands of files: a process that waited for each would not hear that its last worker has ended.
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      process.stderr.write(`${folder} could not be removed: ${error}\n`);
    }
  };
}

/** Removes the folders of runs that were killed. */
function removeRemains(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = /^scapfeed-tests-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) {
      rmSync(join(directory, name), { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be signalled, but it runs.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** A folder that outlives the run: what takes long to make is found there by the next one. */
export function keptFolder(name: string): string {
  return join(process.env[keptVariable] ?? tmpdir(), name);
}

/** A folder of its own for a test. */
export function temporaryFolder(purpose = 'test'): string {
  return mkdtempSync(join(tmpdir(), `scapfeed-${purpose}-`));
}

/** A home that is not there. It is a folder of this run: root's commands would make any other one. */
export function noHome(): string {
  return join(tmpdir(), 'no-home');
}

/** A path at which nothing is, in a folder that is this call's alone: another one may exist on a machine. */
export function nowhere(): string {
  return join(temporaryFolder('nowhere'), 'nothing');
}
