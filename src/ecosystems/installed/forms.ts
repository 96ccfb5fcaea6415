import type { ReadPackageFile } from '../../model/index.ts';
import type { InstalledForm } from './form.ts';
import { java } from './java.ts';
import { npm } from './npm.ts';
import { program } from './program.ts';
import { python } from './python.ts';

/** A file is read by the first form that takes its path; a program may have any. */
const forms: readonly InstalledForm[] = [java, npm, python, program];

export const readPackageFile: ReadPackageFile = (path, size) => {
  for (const form of forms) {
    const reader = form.begin(path, size);
    if (reader) return reader;
  }
  return undefined;
};
