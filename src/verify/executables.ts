import type { ExecutableKind, FileFormat, FileStat } from '../model/index.ts';

const libraryName = /\.so(?:\.|$)/;
const moduleName = /\.ko$/;
const anyExecute = 0o111;

/**
 * Recognises files that the system can run or load, by their first bytes. An ELF program needs no execute bit (the loader can
 * start it), a script does. Libraries with an interpreter (libc) and programs without one (statically linked) are distinguished
 * by name and mode.
 */
export function executableKind(
  path: string,
  { mode }: FileStat,
  format: FileFormat | undefined,
): ExecutableKind | undefined {
  const executes = (mode & anyExecute) !== 0;
  switch (format) {
    case 'elf-executable':
      return libraryName.test(path) ? 'library' : 'program';
    case 'elf-shared':
      return executes && !libraryName.test(path) ? 'program' : 'library';
    case 'elf-object':
      return moduleName.test(path) ? 'kernel module' : undefined;
    case 'script':
      return executes ? 'script' : undefined;
    default:
      return undefined;
  }
}
