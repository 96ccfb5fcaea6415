import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The system's reason for a refusal, in words that name the file where a folder is expected; empty for what is no error. */
export function systemReason(cause: unknown): string {
  const file = fileForFolder(cause);
  if (file !== undefined) return `${file} is a file, not a folder`;
  return cause instanceof Error ? cause.message : '';
}

/** The path of a file in the place of a folder, or of one above it, which Node reports as ENOTDIR or EEXIST. Undefined: another cause. */
export function fileForFolder(cause: unknown): string | undefined {
  const { code, path } = (cause ?? {}) as NodeJS.ErrnoException;
  return (code === 'ENOTDIR' || code === 'EEXIST') && path !== undefined ? fileInPath(path) : undefined;
}

/** The first part of a path that is there, if it is no folder: nothing can be made below it. */
export function fileInPath(path: string): string | undefined {
  for (let each = path; ; each = dirname(each)) {
    const stats = statSync(each, { throwIfNoEntry: false });
    if (stats) return stats.isDirectory() ? undefined : each;
    if (dirname(each) === each) return undefined;
  }
}
