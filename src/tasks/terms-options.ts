import { inLibrary, repeatable, text } from './option.ts';
import type { OptionTableOf } from './parameters.ts';

/** Sources whose terms are accepted. */
export interface TermsParameters {
  /** Ids of sources whose terms are unclear, or whose licence does not allow it, that are passed on anyway. */
  acceptedTerms?: readonly string[];
}

/** The options of {@link TermsParameters}. */
export const termsOptions = {
  'accept-terms': inLibrary(
    'acceptedTerms',
    repeatable(
      text(
        'ID',
        'pass on the data of a source whose publisher states no terms, or whose licence does not allow it; without this ' +
          'option publish leaves out its platforms, with a message, and export refuses those of a licence that does not allow it',
      ),
      { commas: true },
    ),
  ),
} satisfies OptionTableOf<TermsParameters, { 'accept-terms': 'acceptedTerms' }>;
