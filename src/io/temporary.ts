import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Files and folders of work under way, which would be left behind if the process ended now. */
const pending = new Set<string>();
let watch: ((isPending: boolean) => void) | undefined;

/** Tells a process that ends by signals when there is something to remove, and when no longer. */
export function watchTemporary(tell: (isPending: boolean) => void): void {
  watch = tell;
}

/** Notes a file or folder that is about to be made. Returns its path. */
export function noteTemporary(path: string): string {
  pending.add(path);
  if (pending.size === 1) watch?.(true);
  return path;
}

/** It has its final name, or is gone. */
export function forgetTemporary(path: string): void {
  if (pending.delete(path) && pending.size === 0) watch?.(false);
}

/** Removes one, if it is there, and forgets it. */
export function discardTemporary(path: string): void {
  rmSync(path, { recursive: true, force: true });
  forgetTemporary(path);
}

/** A name beside a file: in the same folder, so that a rename is atomic; random, so that two runs do not collide. */
export function temporaryBeside(path: string): string {
  return noteTemporary(`${path}.${randomBytes(6).toString('hex')}.tmp`);
}

/** A new folder, `scapfeed-NAME-…`, where the system has temporary files. */
export function temporaryFolder(name: string): string {
  return noteTemporary(mkdtempSync(join(tmpdir(), `scapfeed-${name}-`)));
}

/** Removes all that is under way, before the process ends. What cannot be removed stays. */
export function discardAllTemporary(): void {
  for (const path of pending) {
    try {
      discardTemporary(path);
    } catch {
      // The process ends nonetheless.
    }
  }
}
