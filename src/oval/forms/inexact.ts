import { dateOfIndex } from '../../model/data-date.ts';
import type { PlatformIndex } from '../../model/feed/index.ts';
import type { Section } from '../document/section.ts';
import { flawKey } from './rows.ts';

/** Something that OVAL cannot express as the index does, known when the file is written. */
export interface OvalInexactEntry {
  /** A stable word: `other_origin`, `binary_version_differs`. */
  cause: string;
  /** The difference, as a sentence. */
  what: string;
  /** Suffixes of the platform's files that it applies to: `oval`, `dpkginfo`. */
  files: string[];
  /** Definition keys that it applies to; absent: any of them, depending on the system. */
  items?: string[];
}

interface Collected extends Omit<OvalInexactEntry, 'items'> {
  items?: Set<string>;
}

/** The list `PLATFORM.inexact.json`: verdicts of OVAL and index differ for these causes only. */
export class InexactList {
  readonly #entries = new Map<string, Collected>();

  /** A difference that depends on the system and not on a definition. */
  general(cause: string, what: string, files: readonly string[]): void {
    this.#entries.set(cause, { cause, what, files: [...files] });
  }

  /** One definition that cannot be expressed, or not exactly. */
  item(cause: string, what: string, file: string, item: string): void {
    const key = `${cause} ${file}`;
    const entry = this.#entries.get(key);
    if (entry) entry.items!.add(item);
    else this.#entries.set(key, { cause, what, files: [file], items: new Set([item]) });
  }

  entries(): OvalInexactEntry[] {
    const keys = [...this.#entries.keys()].sort();
    return keys.map((key) => {
      const { items, ...entry } = this.#entries.get(key)!;
      return items === undefined ? entry : { ...entry, items: [...items].sort() };
    });
  }

  get items(): number {
    return this.entries().reduce((sum, { items = [] }) => sum + items.length, 0);
  }

  /** Written atomically, like every other file. */
  write(section: Section, index: PlatformIndex): void {
    const list = {
      format: 1,
      platform: index.platform.id,
      updated: dateOfIndex(index),
      entries: this.entries(),
    };
    section.write(`${JSON.stringify(list, null, 1)}\n`);
    section.close();
  }
}

/** A fix that cannot be compared; the runtime uses the same word, and OVAL has no definition for it. */
export function noteUnparsable(
  inexact: InexactList,
  file: string,
  vulnerability: string,
  name: string,
): void {
  const what =
    'The fixed version does not follow the grammar of versions, so nothing can be compared with it.';
  inexact.item('unparsable_fixed_version', what, file, flawKey('fixed', vulnerability, name));
}
