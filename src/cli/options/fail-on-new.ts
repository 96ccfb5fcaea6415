import { severities } from '../../model/index.ts';
import type { NewsGate } from '../../tasks/fleet/gate.ts';
import { choice, flag, type OptionValues } from '../../tasks/option.ts';

/** For CI: what is new fails, what is known does not. */
export const failOnNew = {
  'fail-on-new': choice(
    severities.filter((severity) => severity !== 'unknown'),
    'exit 1 if a flaw of this severity or above is new, newly known to be exploited or in a new image, and not waived: %',
    { metavar: 'SEVERITY', noun: 'severity', anyCase: true },
  ),
  'allow-new-images': flag('with --fail-on-new: do not fail for flaws of images that are new in the fleet'),
};

/** The gate of the options. */
export function newsGate(given: OptionValues<typeof failOnNew> & { 'allow-unrated': boolean }): NewsGate {
  return {
    failOnNew: given['fail-on-new'],
    allowNewImages: given['allow-new-images'],
    allowUnrated: given['allow-unrated'],
  };
}
