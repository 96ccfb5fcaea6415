import { statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileInPath, isTooLong, outputNotWritable, shorterPath } from '../io/system-reason.ts';
import { shellWord } from '../report/shell-word.ts';

/** Stands for the image's name in the name of a report. */
export const nameSign = '{name}';

/**
 * Refuses a report that has no folder to be written to, before the work that it would describe. `mayBeMade`: folders that the command
 * may make itself, such as `--out`.
 * @throws {ScapfeedError} OUTPUT_NOT_WRITABLE
 */
export function requireOutputFolders(
  files: readonly (string | undefined)[],
  mayBeMade: readonly string[],
): void {
  for (const file of files) {
    if (file === undefined || isAbove(mayBeMade, file)) continue;
    const fault = faultOf(file);
    if (fault === undefined) continue;
    const [message, remedy] = fault;
    throw outputNotWritable({ message: `-o: the report cannot be written: ${message}`, where: file, remedy });
  }
}

type Fault = readonly [message: string, remedy: string];

function faultOf(file: string): Fault | undefined {
  // What follows is known with the names of the images.
  const at = file.indexOf(nameSign);
  const folder = dirname(at === -1 ? file : file.slice(0, at + nameSign.length));
  try {
    // It refuses a name that is too long.
    if (at === -1) statSync(file, { throwIfNoEntry: false });
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
    const other = fileInPath(folder);
    return other === undefined
      ? [
          `there is no folder ${folder}`,
          `make it with \`mkdir -p ${shellWord(folder)}\`, or specify a file in a folder that exists`,
        ]
      : [`${other} is a file, not a folder`, 'specify a file in a folder that exists'];
  } catch (error) {
    // Any other refusal may be one of reading alone.
    return isTooLong(error)
      ? ['the path, or a name in it, is too long (ENAMETOOLONG)', shorterPath]
      : undefined;
  }
}

function isAbove(folders: readonly string[], file: string): boolean {
  return folders.some((folder) => !/^\.\.(?:\/|$)/.test(relative(folder, resolve(file))));
}
