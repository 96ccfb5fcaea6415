import type { Severity, Status } from '../../model/index.ts';
import { parseRpmEvr } from '../../packaging/rpm/version.ts';
import type { CsafVocabulary, FixStateWords, Stream } from '../../sources/csaf/vocabulary.ts';
import { componentOf } from './component.ts';
import { containerStream, type Majors, streamOf } from './stream.ts';

const statuses = {
  fixed: 'fixed',
  known_affected: 'affected',
  known_not_affected: 'not_affected',
  under_investigation: 'under_investigation',
} as const satisfies Record<string, Status>;

/** Lower case in the legacy tree, capitalised in the new one. */
export function severityOf(text: string | undefined): Severity | undefined {
  if (text === undefined) return undefined;
  const word = text.toLowerCase();
  return Object.hasOwn(severityWords, word) ? severityWords[word] : undefined;
}

const severityWords: Readonly<Record<string, Severity>> = {
  low: 'low',
  moderate: 'medium',
  important: 'high',
  critical: 'critical',
  none: 'unknown',
};

/** `details` of a remediation without a fix. Documentation says `Deferred`, real files say `Fix deferred`. */
const fixStates: Readonly<Record<string, FixStateWords>> = {
  affected: { fixState: 'none_yet' },
  'fix deferred': { fixState: 'fix_deferred' },
  deferred: { fixState: 'fix_deferred' },
  'will not fix': { fixState: 'will_not_fix' },
  'out of support scope': { fixState: 'end_of_life', reason: 'package' },
};

const fixStateOfCategory: Readonly<Record<string, FixStateWords>> = {
  none_available: { fixState: 'none_yet' },
  no_fix_planned: { fixState: 'will_not_fix' },
};

/** What documents call themselves; advisories of 2023 said `csaf_vex`. */
export const documentCategories: ReadonlySet<string> = new Set(['csaf_vex', 'csaf_security_advisory']);

/** Red Hat's names and words, for releases of some majors. */
export function redHatVocabulary(majors: Majors): CsafVocabulary {
  return {
    stream: (id, cpe) => streamOf(id, cpe, majors),
    // Not RHEL's own shard, because rpms are not judged by statements about containers.
    containers: (stream, cpe) => (isRhel(stream) ? containerStream(cpe) : undefined),
    component: componentOf,
    guesses: isRhel,
    wholePortfolio: 'red_hat_products',
    statuses,
    severityOf,
    fixStates,
    fixStateOfCategory,
    // https://access.redhat.com/errata/RHSA-2024:5962
    advisoryOf: (url) => (url === undefined ? undefined : /RH[SBE]A-\d{4}:\d+$/.exec(url)?.[0]),
    isVersion: (version) => parseRpmEvr(version)?.release !== undefined,
  };
}

function isRhel({ platform }: Stream): boolean {
  return /^rhel-\d/.test(platform);
}
