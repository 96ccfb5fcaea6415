import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A heap of fewer bytes has too little garbage to be worth a collection. */
const smallHeap = 64 << 20;

/**
 * Collects garbage now, in the few places where much of the heap has become garbage and the next stage needs memory. V8
 * itself waits until the heap has doubled, and a build machine needs memory for the peak.
 */
export function releaseMemory(): void {
  if (getHeapStatistics().used_heap_size < smallHeap) return;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
}

/**
 * Lets the heap grow by `percent` of its live size between two collections. For commands that produce much garbage and keep
 * little; V8 alone would let it grow to four times the size.
 */
export function growHeapSlowly(percent: 40 | 60): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

/** Does the same during some work: a program that uses the library has its own heap before and after it. */
export async function whileHeapGrowsSlowly<T>(percent: 40 | 60, work: () => Promise<T>): Promise<T> {
  growHeapSlowly(percent);
  try {
    return await work();
  } finally {
    setFlagsFromString('--heap-growing-percent=0');
  }
}
