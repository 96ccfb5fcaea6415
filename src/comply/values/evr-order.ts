import {
  compareDpkgText,
  compareRpmEvrs,
  type DpkgVersion,
  parseDpkgVersion,
  parseRpmEvr,
  type RpmEvr,
  splitRpmEvr,
} from '../../packaging/index.ts';

/** A version of a datatype's order, read once for many comparisons. */
export interface OrderedEvr {
  compare(other: OrderedEvr): -1 | 0 | 1;
  /** With a text that is known to be a version. */
  compareText(text: string): -1 | 0 | 1;
  readonly text: string;
}

/** Undefined: the datatype has no such order, or the text is no version of it. */
export function orderedEvr(datatype: string, text: string): OrderedEvr | undefined {
  if (datatype === 'debian_evr_string') {
    const plain = evrOf(text);
    const version = parseDpkgVersion(plain);
    return version && new DpkgOrder(plain, version);
  }
  if (datatype !== 'evr_string') return undefined;
  const evr = parseRpmEvr(evrOf(text));
  return evr && new RpmOrder(text, evr);
}

/** rpm's own `(none)` for an epoch stands for 0. */
export function evrOf(text: string): string {
  const plain = text.trim();
  return plain.startsWith('(none):') ? `0:${plain.slice(7)}` : plain;
}

class DpkgOrder implements OrderedEvr {
  readonly text: string;
  readonly #version: DpkgVersion;

  constructor(text: string, version: DpkgVersion) {
    this.text = text;
    this.#version = version;
  }

  compare({ text }: DpkgOrder): -1 | 0 | 1 {
    return compareDpkgText(this.#version, text);
  }

  compareText(text: string): -1 | 0 | 1 {
    return compareDpkgText(this.#version, evrOf(text));
  }
}

class RpmOrder implements OrderedEvr {
  readonly text: string;
  readonly #evr: RpmEvr;

  constructor(text: string, evr: RpmEvr) {
    this.text = text;
    this.#evr = evr;
  }

  compare(other: RpmOrder): -1 | 0 | 1 {
    return compareRpmEvrs(this.#evr, other.#evr);
  }

  compareText(text: string): -1 | 0 | 1 {
    return compareRpmEvrs(this.#evr, splitRpmEvr(evrOf(text)));
  }
}
