import { compareCodeUnits } from '../../model/index.ts';
import { type Place, placeText, readPlace } from './checked-lines.ts';

/**
 * Names of packages in blocks, each name with the place of its line, so that a few of many are found without making a text of
 * every one: `  bash 79:955  coreutils 1034:172`. Names have no blanks, and only they stand behind two.
 */
export interface PackageNames {
  blocks: string[];
}

const perBlock = 64;
const before = '  ';

/** Takes names in their order. */
export class NameBlocks {
  readonly #blocks: string[] = [];
  #block = '';
  #count = 0;

  add(name: string, [at, length]: Place): void {
    this.#block += `${before}${name} ${placeText(at, length)}`;
    this.#count += 1;
    if (this.#count % perBlock === 0) this.#close();
  }

  #close(): void {
    this.#blocks.push(this.#block);
    this.#block = '';
  }

  names(): PackageNames {
    if (this.#block !== '') this.#close();
    return { blocks: this.#blocks };
  }
}

/** Of these packages the places of those that the blocks have, in their order. */
export function* placesOf(installed: Iterable<string>, { blocks }: PackageNames): Generator<Place> {
  const first = blocks.map((block) => block.slice(before.length, block.indexOf(' ', before.length)));
  let nth = 0;
  for (const name of [...installed].sort(compareCodeUnits)) {
    while (nth + 1 < blocks.length && first[nth + 1]! <= name) nth += 1;
    const block = blocks[nth] ?? '';
    const sought = `${before}${name} `;
    const found = block.indexOf(sought);
    if (found === -1) continue;
    const start = found + sought.length;
    const end = block.indexOf(' ', start);
    yield readPlace(block.slice(start, end === -1 ? undefined : end));
  }
}
