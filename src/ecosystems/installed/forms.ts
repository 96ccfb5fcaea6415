import type { ReadPackageFile } from '../../model/index.ts';
import type { InstalledForm } from './form.ts';

/** A file is read by the first form that takes its path. */
const forms: readonly InstalledForm[] = [];

export const readPackageFile: ReadPackageFile = (path, size) => {
  for (const form of forms) {
    const reader = form.begin(path, size);
    if (reader) return reader;
  }
  return undefined;
};
