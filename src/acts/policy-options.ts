import { deviationKinds, ratingSources, severities } from '../model/index.ts';
import type { PolicyFile } from '../policy/index.ts';
import { verdictOrders } from '../runtime/index.ts';
import { ruleSeverities } from '../tasks/comply/gate.ts';
import { type Given, oneOf, type WordChoice } from './given-words.ts';
import { readThreshold } from './read-threshold.ts';

/** @throws {ScapfeedError} USAGE for a text that the option does not take */
type Check = (text: string, as: Given) => void;

interface PolicyOption {
  check: Check;
  /** All its texts count, and one may hold several with commas; otherwise the last one counts. */
  several: boolean;
}

const flag: PolicyOption = { check: () => undefined, several: false };

function words(known: readonly string[], how: WordChoice, several = false): PolicyOption {
  return { check: (text, as) => oneOf(known, text, as, how), several };
}

/** The options that a policy may set, and what they take; those of the commands take the same, which a test compares. */
export const policyOptions: Readonly<
  Record<keyof PolicyFile['options'], Readonly<Record<string, PolicyOption>>>
> = {
  scan: {
    'fail-on': { check: readThreshold, several: true },
    'fail-on-unrated': flag,
    'fail-on-unknown': flag,
    'fail-on-unjudged': flag,
    'allow-uncovered': flag,
    'allow-unrated': flag,
    severity: words(severities, { noun: 'severity', anyCase: true }),
    'severity-from': words(ratingSources, { noun: 'source of ratings' }, true),
    'only-fixed': flag,
    sort: words(verdictOrders, { noun: 'order', anyCase: true }),
  },
  verify: {
    'fail-on': words([...deviationKinds, 'any'], { noun: 'kind of deviation' }, true),
    'allow-uncovered': flag,
  },
  comply: {
    'fail-on': words(ruleSeverities, { noun: 'severity' }),
    'allow-unjudged': flag,
  },
};

/**
 * Reads the options of a policy as the commands do.
 * @throws {ScapfeedError} USAGE
 */
export function requirePolicyOptions({ file, options }: PolicyFile): void {
  for (const [command, table] of Object.entries(policyOptions))
    for (const [name, { check, several }] of Object.entries(table)) {
      const texts = options[command as keyof typeof options][name] ?? [];
      const read = several ? texts.flatMap((text) => text.split(',')) : texts.slice(-1);
      for (const text of read) check(text, { command, flag: `${file}: ${name}` });
    }
}
