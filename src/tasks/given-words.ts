import { ScapfeedError } from '../model/error.ts';
import { didYouMean } from '../model/nearest.ts';
import type { OptionSpelling } from './outcome.ts';

/** An option as it was given, for messages: `--keep` of the command `build`. */
export interface Given {
  command: string;
  flag: string;
  /** Of a library's parameter: spelling of other ones in remedies, and where they are documented. */
  parameter?: { names: OptionSpelling; help: string };
}

/** Names for the words of an option in messages, and the other words that it takes. */
export interface WordChoice {
  /** Noun for the words, for messages: `source`. */
  noun: string;
  /** Capital letters are accepted. */
  anyCase?: boolean;
  /** Remedies for other words that people try. */
  instead?: Readonly<Record<string, string>>;
}

/** The error of a command that was called in a way that it does not understand. */
export function usage(command: string, message: string, remedy?: string): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message,
    remedy: remedy ?? `see \`scapfeed ${command} --help\``,
  });
}

/** @throws {ScapfeedError} USAGE for any other word, with the nearest one */
export function oneOf<Word extends string>(
  words: readonly Word[],
  given: string,
  as: Given,
  { noun, anyCase = false, instead = {} }: WordChoice,
): Word {
  const lower = given.toLowerCase();
  const word = words.find((each) => each === (anyCase ? lower : given));
  if (word !== undefined) return word;
  const one = given.includes(',') ? `give one ${noun} of ${words.join(', ')}` : undefined;
  const other = Object.hasOwn(instead, lower) ? instead[lower] : one;
  const remedy = other ?? didYouMean(lower, words) ?? as.parameter?.help;
  throw usage(as.command, `${as.flag}: no ${noun} ${given}`, remedy);
}

/** @returns USAGE: `--keep: expected a whole number from 1 to 9999, found x` */
export function unexpected(as: Given, expected: string, found: string, remedy?: string): ScapfeedError {
  const help = remedy ?? as.parameter?.help;
  return usage(as.command, `${as.flag}: expected ${expected}, found ${found}`, help);
}
