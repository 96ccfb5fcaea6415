import type { PackageFileReader, ReadPackageFile } from '../../model/inventory/index.ts';
import { bitnami } from './bitnami.ts';
import { composer } from './composer.ts';
import { dotnet } from './dotnet.ts';
import type { InstalledForm } from './form.ts';
import { gem } from './gem.ts';
import { java } from './java.ts';
import { npm } from './npm.ts';
import { program } from './program.ts';
import { python } from './python.ts';

/** Forms that a path decides. */
const named: readonly InstalledForm[] = [npm, python, java, gem, composer, dotnet, bitnami];

/** A file is read by the first form that takes its path; any other file may be a program. */
export const readPackageFile: ReadPackageFile = (path, size) =>
  readNamedFile(path, size) ?? program.begin(path, size);

/** The same without programs. */
export function readNamedFile(path: string, size: number): PackageFileReader | undefined {
  for (const form of named) {
    const reader = form.begin(path, size);
    if (reader) return reader;
  }
  return undefined;
}
