import { rmSync } from 'node:fs';

/** Unfinished work of a process. */
interface Work {
  /** Files and folders that would be left behind if the process ended now, and how each is removed. */
  pending: Map<string, () => void>;
  watch?: (isPending: boolean) => void;
}

/** One for the process: each part that the command is built of has this module. */
const key = Symbol.for('scapfeed.unfinished');
const known = globalThis as { [key]?: Work };
const work: Work = known[key] ?? { pending: new Map() };
known[key] = work;
const { pending } = work;

/** Sets the callback that is called when the process gets its first unfinished file, and when none is left. */
export function watchUnfinished(changed: (isPending: boolean) => void): void {
  work.watch = changed;
}

/** Notes a file or folder before it is made, so that no signal comes between. Returns its path. */
export function noteUnfinished(path: string, remove: () => void = () => removeWhole(path)): string {
  pending.set(path, remove);
  if (pending.size === 1) work.watch?.(true);
  return path;
}

/** It has its final name, or is gone. */
export function forgetUnfinished(path: string): void {
  if (pending.delete(path) && pending.size === 0) work.watch?.(false);
}

/** Removes one, if it is there, and forgets it. */
export function discardUnfinished(path: string): void {
  removeWhole(path);
  forgetUnfinished(path);
}

/** Removes all that is under way, the newest first, before the process ends. What cannot be removed stays. */
export function discardAllUnfinished(): void {
  for (const [path, remove] of [...pending].reverse()) {
    try {
      remove();
    } catch {
      // The process ends nonetheless.
    }
    forgetUnfinished(path);
  }
}

function removeWhole(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
