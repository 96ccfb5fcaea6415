import { existsSync, realpathSync, statSync } from 'node:fs';
import { writeAtomically } from '../io/files.ts';
import { systemReason, writeError } from '../io/system-reason.ts';
import { configYaml } from './config-file.ts';

/** Sets an option of all commands in a file of options, which keeps its comments and its rights. A new one is this user's alone. */
export async function setInConfig(file: string, option: string, value: string): Promise<void> {
  const { document } = configYaml(file);
  document.set(option, value);
  // A link to a file that is kept elsewhere stays one.
  const place = existsSync(file) ? realpathSync(file) : file;
  const mode = existsSync(place) ? statSync(place).mode & 0o777 : 0o600;
  try {
    await writeAtomically(place, document.toString({ lineWidth: 0 }), mode);
  } catch (cause) {
    throw writeError({
      message: `the configuration cannot be written: ${systemReason(cause)}`,
      where: place,
      remedy: 'free space or grant access, or name another file with --config',
      cause,
    });
  }
}
