import {
  type NewsDocument,
  type NewsItem,
  type NewsKind,
  severities,
  severityAtLeast,
} from '../../model/index.ts';
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

/** News that the gate looks at. An image that is new in the fleet has the severity of the worst of its flaws. */
export function gatedNews(
  { runs }: NewsDocument,
  { 'allow-new-images': allowsNewImages }: Pick<OptionValues<typeof failOnNew>, 'allow-new-images'>,
): NewsItem[] {
  return runs
    .flatMap(({ items }) => items)
    .filter(({ kind, severity, waived }) => {
      if (waived !== undefined) return false;
      return ofFlaws.has(kind) || (kind === 'added' && !allowsNewImages && severity !== undefined);
    });
}

export function failsOnNew(news: NewsDocument, given: OptionValues<typeof failOnNew>): boolean {
  const threshold = given['fail-on-new'];
  if (threshold === undefined) return false;
  return gatedNews(news, given).some(
    ({ severity }) => severity !== undefined && severityAtLeast(severity, threshold),
  );
}
