import { type NewsDocument, type NewsKind, severities, severityAtLeast } from '../../model/index.ts';
import { choice, flag, type OptionValues } from '../option.ts';

/** For CI: what is new fails, what is known does not. */
export const failOnNew = {
  'fail-on-new': choice(
    severities.filter((severity) => severity !== 'unknown'),
    'exit 1 if a flaw of this severity or above is new, newly known to be exploited or in a new image, and not waived: %',
    { metavar: 'SEVERITY', noun: 'severity', anyCase: true },
  ),
  'allow-new-images': flag('with --fail-on-new: do not fail for flaws of images that are new in the fleet'),
};

const ofFlaws: ReadonlySet<NewsKind> = new Set(['new', 'exploited', 'severity']);

/** An image that is new in the fleet has the severity of the worst of its flaws. */
export function failsOnNew(
  { runs }: NewsDocument,
  { 'fail-on-new': threshold, 'allow-new-images': allowsNewImages }: OptionValues<typeof failOnNew>,
): boolean {
  if (threshold === undefined) return false;
  return runs.some(({ items }) =>
    items.some(
      ({ kind, severity, waived }) =>
        waived === undefined &&
        (ofFlaws.has(kind) || (kind === 'added' && !allowsNewImages)) &&
        severity !== undefined &&
        severityAtLeast(severity, threshold),
    ),
  );
}
