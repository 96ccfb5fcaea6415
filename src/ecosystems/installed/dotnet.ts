import { fieldOf } from '../../files/json.ts';
import type { InstalledForm } from './form.ts';
import { jsonFile } from './json-file.ts';
import { packageFile, statedPackage } from './stated.ts';

/** Those of large programs have some megabytes. */
const mostBytes = 16 << 20;

/** The runtime in a program that brings its own is the package of this name without the prefix. */
const runtimePrefix = /^runtimepack\./i;

/** Members with files that a program loads; `compile` has references, for its compiler. */
const assets = ['runtime', 'runtimeTargets', 'native', 'resources'];

/**
 * The list of libraries that the .NET SDK writes beside a program or a shared runtime,
 * https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md
 */
export const dotnet: InstalledForm = {
  name: 'deps.json',
  begin(path, size) {
    if (!path.endsWith('.deps.json')) return undefined;
    return jsonFile({ ecosystem: 'nuget', size, mostBytes }, (document) => {
      const libraries = fieldOf(document, 'libraries');
      if (!isRecord(libraries)) {
        // Other tools may name their files so.
        if (fieldOf(document, 'runtimeTarget') === undefined) return undefined;
        return packageFile([{ ecosystem: 'nuget', kind: 'damaged', detail: 'no list of libraries' }]);
      }
      const target = targetOf(document);
      const installed = Object.entries(libraries).filter(
        ([library, entry]) => isPackage(entry) && hasAssets(target, library),
      );
      return packageFile(installed.map(([library]) => packageOf(library)));
    });
  },
};

function packageOf(library: string) {
  const slash = library.indexOf('/');
  const name = slash === -1 ? library : library.slice(0, slash);
  return statedPackage(
    'nuget',
    name.replace(runtimePrefix, ''),
    slash === -1 ? undefined : library.slice(slash + 1),
  );
}

/** A project is part of the program itself, a reference assembly of the shared runtime. */
function isPackage(entry: unknown): boolean {
  const type = fieldOf(entry, 'type');
  return typeof type === 'string' && /^(?:package|runtimepack)$/i.test(type);
}

/** A package that the target does not name may have files all the same. */
function hasAssets(target: unknown, library: string): boolean {
  const entry = fieldOf(target, library);
  if (!isRecord(entry)) return true;
  return assets.some((name) => {
    const files = fieldOf(entry, name);
    return isRecord(files) && Object.keys(files).length > 0;
  });
}

/** The target for which the program was built. */
function targetOf(document: unknown): unknown {
  const runtimeTarget = fieldOf(document, 'runtimeTarget');
  // Old files have the name alone.
  const name = typeof runtimeTarget === 'string' ? runtimeTarget : fieldOf(runtimeTarget, 'name');
  return typeof name === 'string' ? fieldOf(fieldOf(document, 'targets'), name) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
