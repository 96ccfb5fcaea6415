import type { Random } from '../support/mutate-json.ts';

/** One kind of foreign input, and what may never come of it. */
export interface Target {
  name: string;
  /** Sound inputs by name, made by our own writers. */
  seeds(): Promise<Readonly<Record<string, Buffer>>>;
  /** A damaged copy of a sound input. */
  mutate(seed: Buffer, random: Random): Buffer;
  /**
   * Reads an input as the tool does. A ScapfeedError is a proper answer, and any other error a finding. The text is what
   * `judge` compares; undefined: the input is refused, or said to be incomplete.
   */
  run(input: Buffer): Promise<string | undefined>;
  /** Compares a result that did not fail with that of the seed. Returns the fault; undefined: none. */
  judge?(found: string, sound: string): string | undefined;
  /** Earlier findings by name, replayed at the beginning of each run. */
  kept?: Readonly<Record<string, (seeds: Readonly<Record<string, Buffer>>) => Buffer>>;
}

/** Targets by name, each in the file that has it. */
export type Table = Readonly<Record<string, () => Promise<readonly Target[]>>>;

/** Results that are lists: lines of which none may be gone without a word. */
export function shorterList(found: string, sound: string): string | undefined {
  const count = (text: string) => text.split('\n').filter((line) => line !== '').length;
  return count(found) < count(sound) ? `${count(found)} rows of ${count(sound)}, without a word` : undefined;
}

/** Lists under checksums: no row may be another one, in whatever order they come. */
export function anotherList(found: string, sound: string): string | undefined {
  const sorted = (text: string) => text.split('\n').toSorted().join('\n');
  return sorted(found) === sorted(sound) ? undefined : 'other rows than those of the seed, without a word';
}
