import type { Budget } from '../limits.ts';
import { GrowingArray, uint16, uint32 } from './growing-array.ts';

/** Bytes of one block of the store; no name is longer (pathBytes). */
const blockBytes = 64 * 1024;

/** Texts stored as bytes outside the JavaScript heap, identified by numbers. */
export class NameStore {
  #budget: Budget;
  #where: string;
  #blocks = [Buffer.allocUnsafeSlow(blockBytes)];
  #used = 0;
  #offsets = new GrowingArray(uint32);
  #lengths = new GrowingArray(uint16);

  constructor(budget: Budget, where: string) {
    this.#budget = budget;
    this.#where = where;
  }

  /** Errors: IMAGE_LIMIT_EXCEEDED (pathBytes, nameBytes). */
  add(text: string): number {
    const length = Buffer.byteLength(text);
    this.#budget.check('pathBytes', length, this.#where);
    this.#budget.spend('nameBytes', length, this.#where);
    if (this.#used + length > blockBytes) this.#newBlock();
    this.#blocks.at(-1)!.write(text, this.#used);
    // Offsets count 64 kB blocks from the first, so that 32 bits reach 4 GB.
    this.#offsets.push((this.#blocks.length - 1) * blockBytes + this.#used);
    this.#lengths.push(length);
    this.#used += length;
    return this.#offsets.length - 1;
  }

  get(index: number): string {
    const offset = this.#offsets.get(index);
    const start = offset % blockBytes;
    return this.#blocks[Math.floor(offset / blockBytes)]!.toString(
      'utf8',
      start,
      start + this.#lengths.get(index),
    );
  }

  #newBlock(): void {
    this.#blocks.push(Buffer.allocUnsafeSlow(blockBytes));
    this.#used = 0;
  }
}
