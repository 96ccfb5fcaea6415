import { type CheckedLines, type LinePlace, placeText, readPlace } from './checked-lines.ts';
import { placeAt, widePlace } from './compiled-form.ts';

/**
 * Where the names of packages are: in lines of their own, each name with the place of its package's line, so that few of them
 * are read to find a few of many.
 */
export interface PackageNames {
  /** The first name of each of these lines, joined by blanks. */
  first: string;
  /** Their places, as wide as each other. */
  places: string;
}

/**
 * Names in their order: `  bash 79:955 0 5.2.15-2  coreutils 1034:172`. Names have no blanks, and only they stand behind two.
 * Behind a place may be a form and its highest version, which decide whether the package's line is needed.
 */
export interface NameLine {
  names: string;
}

/** All tests of a package are of one ordered form, and this is the highest of their versions: none is true of what is not below it. */
export interface Bound {
  form: number;
  highest: string;
}

/** An installed package whose tests are in a line. */
export interface NamedPlace {
  name: string;
  place: LinePlace;
  bound?: Bound;
}

const perLine = 64;
const before = '  ';

/** Takes names in their order. */
export class NameLines {
  readonly #first: string[] = [];
  readonly #lines: string[] = [];
  #count = 0;

  add(name: string, [at, length]: LinePlace, bound: Bound | undefined): void {
    if (this.#count % perLine === 0) {
      this.#first.push(name);
      this.#lines.push('');
    }
    this.#count += 1;
    const behind = bound === undefined ? '' : ` ${bound.form} ${bound.highest}`;
    this.#lines[this.#lines.length - 1] += `${before}${name} ${placeText(at, length)}${behind}`;
  }

  /** Adds the lines of names to others. */
  write(lines: CheckedLines): PackageNames {
    const places = this.#lines.map((names) =>
      widePlace(lines.add(JSON.stringify({ names } satisfies NameLine))),
    );
    return { first: this.#first.join(' '), places: places.join('') };
  }
}

/** Those of these packages that have a line, in the order of their places. `read` gives lines of names. */
export function placesOf(
  installed: Iterable<string>,
  { first, places }: PackageNames,
  read: (places: readonly LinePlace[]) => Iterable<NameLine>,
): NamedPlace[] {
  const wanted: LinePlace[] = [];
  const sought: string[][] = [];
  const firsts = first === '' ? [] : first.split(' ');
  let nth = -1;
  for (const name of [...installed].sort()) {
    const isNext = nth + 1 < firsts.length && firsts[nth + 1]! <= name;
    while (nth + 1 < firsts.length && firsts[nth + 1]! <= name) nth += 1;
    if (isNext) {
      wanted.push(placeAt(places, nth));
      sought.push([]);
    }
    sought.at(-1)?.push(name);
  }
  const found: NamedPlace[] = [];
  let line = 0;
  for (const { names } of read(wanted)) {
    for (const name of sought[line++]!) {
      const head = `${before}${name} `;
      const start = names.indexOf(head);
      if (start === -1) continue;
      const at = start + head.length;
      const end = names.indexOf(before, at);
      found.push(named(name, names.slice(at, end === -1 ? undefined : end)));
    }
  }
  return found;
}

function named(name: string, words: string): NamedPlace {
  const first = words.indexOf(' ');
  if (first === -1) return { name, place: readPlace(words) };
  const second = words.indexOf(' ', first + 1);
  const bound: Bound = {
    form: Number(words.slice(first + 1, second)),
    highest: words.slice(second + 1),
  };
  return { name, place: readPlace(words.slice(0, first)), bound };
}
