import { type InstalledPackage, isOfEcosystem } from '../../model/inventory/index.ts';
import type { ScanResult } from '../../model/verdict/index.ts';
import { columnsOf } from '../columns.ts';
import { printable } from '../printable.ts';
import type { Flaw } from './flaws.ts';

type Scanned = Pick<ScanResult, 'inventory'>;

/** The file that names a package of a language. Undefined: a package database or a document lists it, which is no place of its own. */
export function fileOf(pkg: InstalledPackage, { inventory: { databases } }: Scanned): string | undefined {
  return isOfEcosystem(pkg) && !databases.some(({ path }) => path === pkg.database)
    ? pkg.database
    : undefined;
}

/** The files of a flaw's packages, each once. */
export function filesOf({ verdicts }: Flaw, result: Scanned): string[] {
  return [...new Set(verdicts.flatMap(({ package: pkg }) => fileOf(pkg, result) ?? []))];
}

/** `in …/left/package.json and 2 more places`, in at most `room` columns if the name of the file fits. Undefined: no file. */
export function placeText(files: readonly string[], room: number): string | undefined {
  const [first, ...others] = files;
  if (first === undefined) return undefined;
  const more =
    others.length === 0 ? '' : ` and ${others.length} more ${others.length === 1 ? 'place' : 'places'}`;
  return `in ${shortened(printable(first), room - 'in '.length - more.length)}${more}`;
}

/** Without the folders at its beginning, as far as it must be. */
function shortened(path: string, room: number): string {
  let text = path;
  for (let slash = path.indexOf('/', 1); columnsOf(text) > room && slash !== -1; ) {
    text = `…${path.slice(slash)}`;
    slash = path.indexOf('/', slash + 1);
  }
  return text;
}
