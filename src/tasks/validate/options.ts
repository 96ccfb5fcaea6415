import { flag, ofCommandLine, path } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';
import { snapshotOptions } from '../snapshots/options.ts';

/** Additional schemas of a validation. */
export interface ValidationParameters {
  /** Folder of the official schemas, in the layout of Debian's openscap-common. */
  official?: string;
  /** Also validates against our stricter schemas, even if scapfeed did not write the document. */
  profile?: boolean;
}

/** The options of {@link ValidationParameters}. */
export const schemaOptions = {
  official: path(
    'DIR',
    "also check against the official schemas; Debian's openscap-common puts them in " +
      '/usr/share/openscap/schemas',
  ),
  profile: flag("also check another vendor's document against scapfeed's stricter schema profile"),
} satisfies OptionTableOf<ValidationParameters>;

/** The options of `validate`. */
export const validateOptions = {
  ...schemaOptions,
  rebuild: ofCommandLine(flag('of a feed: build it again from its snapshots, and compare every byte')),
  ...snapshotOptions,
};
