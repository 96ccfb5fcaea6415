import { contentOptions } from '../content/options.ts';
import { flag, inLibrary, ofCommandLine, repeatable, text } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** The parts of a benchmark to compile. */
export interface CompilationParameters {
  /** For a benchmark: keeps only these profiles and their rules. Default: all. */
  profiles?: readonly string[];
}

/** The options of {@link CompilationParameters}. */
export const keptProfileOptions = {
  profile: inLibrary(
    'profiles',
    repeatable(text('ID', 'keep only this profile and its rules (default: all)')),
  ),
} satisfies OptionTableOf<CompilationParameters, { profile: 'profiles' }>;

/** The options of `compile`. */
export const compileOptions = {
  ...keptProfileOptions,
  list: ofCommandLine(flag('print the profiles instead')),
  ...contentOptions,
};
