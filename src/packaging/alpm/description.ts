import { readLineBlocks } from '../../files/lines.ts';
import { unreadable } from '../../files/unreadable.ts';
import type { RandomAccess } from '../../model/index.ts';

/** Sections of a description that are read. */
export type AlpmSection = 'NAME' | 'VERSION' | 'BASE' | 'ARCH' | 'LICENSE';

/** The values of sections, one a line in the file. */
export type AlpmDescription = ReadonlyMap<AlpmSection, readonly string[]>;

const kept: ReadonlySet<string> = new Set<AlpmSection>(['NAME', 'VERSION', 'BASE', 'ARCH', 'LICENSE']);

/** Limit on the values of a section; no package of Arch has more than 30 licences. */
const maxValues = 1000;

/**
 * Reads a package's `desc`: `%SECTION%`, its values, and an empty line. Sections that are not kept are passed over.
 * @throws PACKAGE_DATABASE_UNREADABLE
 */
export function readAlpmDescription(content: RandomAccess, path: string): AlpmDescription {
  const sections = new Map<AlpmSection, string[]>();
  let values: string[] | undefined;
  let inSection = false;
  for (const { lines } of readLineBlocks(content, path)) {
    for (const line of lines) {
      const section = inSection ? undefined : /^%([A-Z0-9]+)%$/.exec(line)?.[1];
      if (section !== undefined) {
        inSection = true;
        values = kept.has(section) ? begun(sections, section as AlpmSection, path) : undefined;
      } else if (line === '') {
        inSection = false;
        values = undefined;
      } else if (values) {
        if (values.length === maxValues)
          throw unreadable(path, `expected at most ${maxValues} lines in a section, found more`);
        values.push(line);
      }
    }
  }
  return sections;
}

function begun(sections: Map<AlpmSection, string[]>, section: AlpmSection, path: string): string[] {
  if (sections.has(section)) throw unreadable(path, `expected one section ${section}, found another`);
  const values: string[] = [];
  sections.set(section, values);
  return values;
}
