import { ScapfeedError } from '../../model/error.ts';

/** A hash of a text as a number, and a second hash that distinguishes texts with the same number. */
export interface Fingerprint {
  /** The number in an OVAL id, 9 to 15 digits, which fits the arithmetic of every reader: `high` and eight of `low`. */
  high: number;
  low: number;
  /** The same as text, because formatting large numbers would take longest. */
  digits: string;
  /** 32 bits, independent of the number. */
  check: number;
}

/**
 * Three multiply-and-rotate lanes over the UTF-16 units. Ids depend only on content, so they are stable between builds. The
 * hash does not have to be cryptographic: IdRegister detects and refuses collisions.
 */
export function fingerprint(text: string): Fingerprint {
  let a = 0x243f6a88;
  let b = 0x85a308d3 ^ text.length;
  let c = 0x13198a2e;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x9e3779b1);
    a = (a << 13) | (a >>> 19);
    b = Math.imul(b ^ unit, 0x85ebca77);
    b = (b << 17) | (b >>> 15);
    c = Math.imul(c ^ unit, 0xc2b2ae3d);
  }
  const high = 1 + ((mix(b ^ a) >>> 0) % highSpan);
  const low = lowFrom + ((mix(a) >>> 0) % lowSpan);
  return { high, low, digits: `${high}${low}`, check: mix(c) >>> 0 };
}

// Two parts of fixed lengths, so that digits can be joined: 1 to 9,999,999 and 10,000,000 to 99,999,999.
const highSpan = 9_999_999;
const lowFrom = 10_000_000;
const lowSpan = 90_000_000;

function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const firstCapacity = 1 << 12;

/** Knows every id given in one document: an open-addressing table of 32-bit numbers, because a Map is slow and large. */
export class IdRegister {
  /** 0: a free slot. */
  #highs = new Uint32Array(firstCapacity);
  #lows = new Uint32Array(firstCapacity);
  #checks = new Uint32Array(firstCapacity);
  size = 0;

  /**
   * True when the id is new, false when this very content was registered before.
   * @throws {ScapfeedError} SOURCE_MALFORMED when other content has the same id
   */
  register({ high, low, check }: Omit<Fingerprint, 'digits'>, where: string): boolean {
    const at = this.#slotOf(high, low);
    if (this.#highs[at] === 0) {
      this.#put(at, high, low, check);
      this.size += 1;
      if (this.size * 2 > this.#highs.length) this.#grow();
      return true;
    }
    if (this.#checks[at] === check) return false;
    throw new ScapfeedError({
      code: 'SOURCE_MALFORMED',
      message: `two different items of this document have the id ${high}${low}`,
      where,
      remedy: 'report this as a bug of scapfeed with both records: its ids must be widened',
    });
  }

  /** Slot of an id, or the free one where it belongs. */
  #slotOf(high: number, low: number): number {
    const highs = this.#highs;
    const lows = this.#lows;
    const mask = highs.length - 1;
    let at = (high ^ low) & mask;
    while (highs[at] !== 0 && (highs[at] !== high || lows[at] !== low)) at = (at + 1) & mask;
    return at;
  }

  #put(at: number, high: number, low: number, check: number): void {
    this.#highs[at] = high;
    this.#lows[at] = low;
    this.#checks[at] = check;
  }

  #grow(): void {
    const [highs, lows, checks] = [this.#highs, this.#lows, this.#checks];
    const capacity = highs.length * 2;
    this.#highs = new Uint32Array(capacity);
    this.#lows = new Uint32Array(capacity);
    this.#checks = new Uint32Array(capacity);
    for (let from = 0; from < highs.length; from++) {
      const high = highs[from]!;
      if (high !== 0) this.#put(this.#slotOf(high, lows[from]!), high, lows[from]!, checks[from]!);
    }
  }
}
