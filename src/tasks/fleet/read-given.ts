import { readAtMost } from '../../io/read-at-most.ts';
import { ScapfeedError } from '../../model/error.ts';

/** The remedy for inventories. */
export const inParts = 'specify a readable file; export and import a large fleet in parts';

/** The inventories of some hundred hosts; a text cannot have much more than twice as much. */
const longestFile = 256 << 20;

/** A file, or the standard input for `-`. @throws USAGE */
export function readGiven(file: string, remedy = 'specify a readable file'): string {
  try {
    return readAtMost(file, longestFile).toString('utf8');
  } catch (cause) {
    throw new ScapfeedError({
      code: 'USAGE',
      message: `the file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      where: file === '-' ? 'stdin' : file,
      remedy: /^[a-z-]+:/.test(file)
        ? `an image is added with \`scapfeed fleet add ${file}\`, or import what \`scapfeed inventory ${file} -o json=FILE\` writes`
        : remedy,
      cause,
    });
  }
}
