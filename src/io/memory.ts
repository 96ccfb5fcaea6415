import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects garbage now, in the few places where much of the heap has become garbage and the next stage needs memory. V8
 * itself waits until the heap has doubled, and a build machine needs memory for the peak.
 */
export function releaseMemory(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
}

/**
 * Lets the heap grow by `percent` of what it holds between two collections. For commands of which little stays and much becomes garbage,
 * V8 would let it grow to four times the size first.
 */
export function growHeapSlowly(percent: 40 | 60): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}
