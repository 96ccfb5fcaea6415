let cases: ReadonlyMap<number, readonly number[]> | undefined;

/**
 * Characters outside of a range that differ only in case from one of it, by Unicode's simple case folding: those of k are K and
 * the Kelvin sign.
 */
export function otherCases(first: number, last: number): readonly number[] {
  const found: number[] = [];
  const add = (others: readonly number[] = []): void => {
    for (const other of others) if (other < first || other > last) found.push(other);
  };
  for (let code = first; code <= last && code < 0x80; code += 1) add(casesOfAscii(code));
  if (last < 0x80) return found;
  cases ??= readCases();
  const from = Math.max(first, 0x80);
  if (last - from < cases.size) {
    for (let code = from; code <= last; code += 1) add(cases.get(code));
  } else {
    for (const [code, others] of cases) if (code >= from && code <= last) add(others);
  }
  return found;
}

/** Whether two characters are one without regard to case. */
export function sameLetter(one: number, other: number): boolean {
  return one === other || otherCases(one, one).includes(other);
}

const kelvinSign = 0x212a;
const longS = 0x17f;

function casesOfAscii(code: number): readonly number[] {
  const letter = code & ~0x20;
  if (letter < 0x41 || letter > 0x5a) return [];
  if (letter === 0x4b) return [code ^ 0x20, kelvinSign];
  return letter === 0x53 ? [code ^ 0x20, longS] : [code ^ 0x20];
}

/** It has no other case, and its capital in JavaScript is the common I. */
const dotlessI = 0x131;
/** Pairs that are equal without regard to case, although their uppercase forms have several characters (CaseFolding.txt, status S). */
const withoutCapital = [0x390, 0x1fd3, 0x3b0, 0x1fe3, 0xfb05, 0xfb06];
/** Blocks outside of which no letter has two cases. */
const casedBlocks = [
  0x41, 0x58f, 0x10a0, 0x13fd, 0x1c80, 0x2d2d, 0xa640, 0xabbf, 0xfb05, 0xff5a, 0x10400, 0x1e943,
];

/** Takes some milliseconds, so it is done for the first pattern that needs it. */
function readCases(): Map<number, readonly number[]> {
  const groups = new Map<number, Set<number>>();
  const join = (one: number, other: number): void => {
    const both = new Set([...(groups.get(one) ?? [one]), ...(groups.get(other) ?? [other])]);
    for (const code of both) groups.set(code, both);
  };
  const pairs = (list: readonly number[], each: (one: number, other: number) => void): void => {
    for (let at = 0; at < list.length; at += 2) each(list[at] as number, list[at + 1] as number);
  };
  pairs(casedBlocks, (first, last) => {
    for (let code = first; code <= last; code += 1) {
      if (code === dotlessI) continue;
      const char = String.fromCodePoint(code);
      for (const changed of [char.toLowerCase(), char.toUpperCase()])
        if (changed !== char && changed.length === char.length) join(code, changed.codePointAt(0) as number);
    }
  });
  pairs(withoutCapital, join);
  return new Map([...groups].map(([code, group]) => [code, [...group].filter((other) => other !== code)]));
}
