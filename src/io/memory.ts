import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects garbage now: for the few places where much of the heap has just become garbage and the next stage needs the
 * room. V8 looks by itself when the heap has grown by as much again, and the peak is what a build machine must have.
 */
export function releaseMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
}
