import { type NewsDocument, type Severity, severities, severityAtLeast } from '../../model/index.ts';
import { choice } from '../option.ts';

/** For CI: what is new fails, what is known does not. */
export const failOnNew = choice(
  severities.filter((severity) => severity !== 'unknown'),
  'exit 1 if a flaw of this severity or above is new or newly known to be exploited, and not waived: %',
  { metavar: 'SEVERITY', noun: 'severity', anyCase: true },
);

export function failsOnNew({ runs }: NewsDocument, threshold: Severity | undefined): boolean {
  if (threshold === undefined) return false;
  return runs.some(({ items }) =>
    items.some(
      ({ kind, severity, waived }) =>
        waived === undefined &&
        (kind === 'new' || kind === 'exploited' || kind === 'severity') &&
        severity !== undefined &&
        severityAtLeast(severity, threshold),
    ),
  );
}
