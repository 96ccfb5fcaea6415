import { pointerStep } from '../../io/json.ts';
import { ScapfeedError } from '../../model/error.ts';
import { malformed, optionalText, record } from '../fields.ts';
import { parseJsonText, readRecord } from '../foreign-record.ts';

/** Fixes in one source package, by all of its entries: the text of its maintainer for each version, usually an id. */
export interface SecdbPackage {
  name: string;
  fixes: SecdbFix[];
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
  /** `distroversion`; absent: the vendor has no releases. */
  branch?: string;
  /** `urlprefix`: the address of the vendor's packages. */
  urlPrefix?: string;
  packages: SecdbPackage[];
  faults: SecdbFault[];
}

/**
 * A document of a security database in Alpine's form: one repository of one branch, or all that a vendor has.
 * @throws SOURCE_NOT_JSON, SOURCE_MALFORMED if the document is not one at all
 */
export function parseSecdb(text: string, where: string): SecdbDocument {
  const read = readRecord(where, () => {
    const document = record(parseJsonText(text, { uniqueNames: true }), '');
    const { packages } = document;
    const branch = optionalText(document['distroversion'], '/distroversion');
    const urlPrefix = optionalText(document['urlprefix'], '/urlprefix');
    if (!Array.isArray(packages)) throw malformed('/packages', 'a list', packages);
    return { branch, urlPrefix, list: packages as unknown[] };
  });
  if (read instanceof ScapfeedError) throw read;
  const packages = new Map<string, SecdbPackage>();
  const faults: SecdbFault[] = [];
  for (const [at, item] of read.list.entries()) {
    const pointer = `/packages/${at}`;
    const found = readRecord(pointer, () => readPackage(item));
    if (found instanceof ScapfeedError)
      faults.push({ pointer: found.where ?? pointer, message: found.message, ...named(item) });
    else {
      const { name, fixes } = found;
      const known = packages.get(name) ?? { name, fixes: [] };
      packages.set(name, known);
      for (const fix of fixes) known.fixes.push(within(fix, pointer));
    }
  }
  const { branch, urlPrefix } = read;
  return {
    ...(branch !== undefined && { branch }),
    ...(urlPrefix !== undefined && { urlPrefix }),
    packages: [...packages.values()],
    faults,
  };
}

/** The name in a package's entry that does not have its form otherwise. */
function named(item: unknown): { package?: string } {
  const name = (item as { pkg?: { name?: unknown } | null } | null)?.pkg?.name;
  return typeof name === 'string' ? { package: name } : {};
}

function within(fix: SecdbFix, pointer: string): SecdbFix {
  return { ...fix, pointer: pointer + fix.pointer };
}

/** No package has a longer one; the place of each entry has it. */
const maxVersionLength = 255;

function readPackage(item: unknown): SecdbPackage {
  const { name, secfixes } = record(record(item, '')['pkg'], '/pkg');
  if (typeof name !== 'string' || !/^[a-zA-Z0-9_][a-zA-Z0-9_.+-]*$/.test(name))
    throw malformed('/pkg/name', 'the name of a package', name);
  const fixes: SecdbFix[] = [];
  // An empty `secfixes` may be written as a list.
  const versions = Array.isArray(secfixes) && secfixes.length === 0 ? {} : record(secfixes, '/pkg/secfixes');
  for (const [version, ids] of Object.entries(versions)) {
    const pointer = `/pkg/secfixes/${pointerStep(version.slice(0, maxVersionLength))}`;
    if (!Array.isArray(ids)) throw malformed(pointer, 'a list', ids);
    for (const [at, text] of ids.entries()) {
      if (typeof text !== 'string') throw malformed(`${pointer}/${at}`, 'a text', text);
      fixes.push({ version, text, pointer: `${pointer}/${at}` });
    }
  }
  return { name, fixes };
}
