import { ScapfeedError } from '../../model/index.ts';
import { malformed, record } from '../../sources/fields.ts';
import { parseJsonText, readRecord } from '../../sources/foreign-record.ts';

/** What was fixed in one source package: version -> what its maintainer wrote, usually an id. */
export interface SecdbPackage {
  name: string;
  /** JSON Pointer of `secfixes`. */
  pointer: string;
  fixes: readonly SecdbFix[];
}

/** One entry of a list of fixes. */
export interface SecdbFix {
  version: string;
  /** As it is written: an id, several ids, or ids with words after them. */
  text: string;
  pointer: string;
}

/** A package whose entry does not have its form. */
export interface SecdbFault {
  pointer: string;
  message: string;
  /** The name that it has all the same. */
  package?: string;
}

export interface SecdbDocument {
  branch: string;
  packages: SecdbPackage[];
  faults: SecdbFault[];
}

/**
 * A document of Alpine's security database: one repository of one branch.
 * @throws SOURCE_NOT_JSON, SOURCE_MALFORMED if the document is not one at all
 */
export function parseSecdb(text: string, where: string): SecdbDocument {
  const read = readRecord(where, () => {
    const document = record(parseJsonText(text), '');
    const { distroversion: branch, packages } = document;
    if (typeof branch !== 'string') throw malformed('/distroversion', 'a text', branch);
    if (!Array.isArray(packages)) throw malformed('/packages', 'a list', packages);
    return { branch, list: packages as unknown[] };
  });
  if (read instanceof ScapfeedError) throw read;
  const packages: SecdbPackage[] = [];
  const faults: SecdbFault[] = [];
  for (const [at, item] of read.list.entries()) {
    const pointer = `/packages/${at}`;
    const found = readRecord(pointer, () => readPackage(item));
    if (found instanceof ScapfeedError)
      faults.push({ pointer: found.where ?? pointer, message: found.message, ...named(item) });
    else
      packages.push({
        ...found,
        pointer: `${pointer}/pkg/secfixes`,
        fixes: found.fixes.map(within(pointer)),
      });
  }
  return { branch: read.branch, packages, faults };
}

/** The name in a package's entry that does not have its form otherwise. */
function named(item: unknown): { package?: string } {
  const name = (item as { pkg?: { name?: unknown } | null } | null)?.pkg?.name;
  return typeof name === 'string' ? { package: name } : {};
}

function within(pointer: string): (fix: SecdbFix) => SecdbFix {
  return (fix) => ({ ...fix, pointer: pointer + fix.pointer });
}

function readPackage(item: unknown): Omit<SecdbPackage, 'pointer'> {
  const { name, secfixes } = record(record(item, '')['pkg'], '/pkg');
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_][a-zA-Z0-9_.+-]*$/.test(name))
    throw malformed('/pkg/name', 'the name of a package', name);
  const fixes: SecdbFix[] = [];
  // An empty `secfixes` may be written as a list.
  const versions = Array.isArray(secfixes) && secfixes.length === 0 ? {} : record(secfixes, '/pkg/secfixes');
  for (const [version, ids] of Object.entries(versions)) {
    const pointer = `/pkg/secfixes/${version.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Array.isArray(ids)) throw malformed(pointer, 'a list', ids);
    for (const [at, text] of ids.entries()) {
      if (typeof text !== 'string') throw malformed(`${pointer}/${at}`, 'a text', text);
      fixes.push({ version, text, pointer: `${pointer}/${at}` });
    }
  }
  return { name, fixes };
}
