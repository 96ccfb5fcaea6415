import type { CommandEntry } from './command.ts';
import { definitions, wrap } from './help.ts';

export const purpose =
  "scapfeed compiles Linux vendors' security data into offline feeds and judges images by them.";

/** Meanings of the exit codes of all commands. */
export const exitCodes: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'fine'],
  ['1', 'findings at or above the policy'],
  ['2', 'wrong use, an image or file that cannot be read or written, or an internal error'],
  [
    '3',
    'the feed or content is missing, stale, invalid or not to be trusted, or the input of a build cannot be used',
  ],
  ['4', 'not covered: nothing is known about the image or about a part of it'],
];

/** Output of `scapfeed --help`. */
export function overview(commands: readonly CommandEntry[]): string {
  return [
    wrap(purpose),
    '\nUsage: scapfeed COMMAND [OPTIONS]\n\n',
    definitions(commands.map(({ name, summary }) => [name, summary])),
    '\nEvery command has --help with an example, and a page in `scapfeed help`.\n\nExit codes:\n',
    definitions(exitCodes),
  ].join('');
}
