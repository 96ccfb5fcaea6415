import { flag } from '../option.ts';
import type { OptionTableOf } from '../parameters.ts';

/** The rows of the table of results. */
export interface ResultsParameters {
  /** Also lists passed rules in the table, and definitions of OVAL that need no action. */
  all?: boolean;
}

/** The options of `report`. */
export const reportOptions = {
  all: flag('also list passed rules and definitions that need no action in the table'),
} satisfies OptionTableOf<ResultsParameters>;
