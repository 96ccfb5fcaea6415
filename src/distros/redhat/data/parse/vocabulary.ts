import type { FixState, Severity, Status } from '../../../../model/index.ts';

/** Keys of product_status that Red Hat uses, with our status. Other keys are counted as unknown. */
export const statusWords = {
  fixed: 'fixed',
  known_affected: 'affected',
  known_not_affected: 'not_affected',
  under_investigation: 'under_investigation',
} as const satisfies Record<string, Status>;

export type StatusKey = keyof typeof statusWords;

export const statusKeys = Object.keys(statusWords) as StatusKey[];

/** `threats[].details` and `aggregate_severity.text`: lower case in the legacy tree, capitalised in the new one. */
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

export interface FixStateWords {
  fixState: Exclude<FixState, 'available'>;
  reason?: string;
}

/** `details` of a remediation without a fix. Documentation says `Deferred`, real files say `Fix deferred`. */
export const fixStateWords: Readonly<Record<string, FixStateWords>> = {
  affected: { fixState: 'none_yet' },
  'fix deferred': { fixState: 'fix_deferred' },
  deferred: { fixState: 'fix_deferred' },
  'will not fix': { fixState: 'will_not_fix' },
  'out of support scope': { fixState: 'end_of_life', reason: 'package' },
};

/** The fix state by category alone, for details with unknown words. */
export const fixStateOfCategory: Readonly<Record<string, FixStateWords>> = {
  none_available: { fixState: 'none_yet' },
  no_fix_planned: { fixState: 'will_not_fix' },
};

/** Categories of a remediation without meaning for the status: Red Hat uses them for fixed products as well. */
export const adviceCategories: ReadonlySet<string> = new Set(['workaround', 'mitigation']);

/** Categories of threats[] (CSAF 2.0, 3.2.3.14.1); `impact` is the severity, `exploit_status` is CISA's list. */
export const threatCategories: ReadonlySet<string> = new Set(['impact', 'exploit_status', 'target_set']);

/** What documents call themselves; advisories of 2023 said `csaf_vex`. */
export const documentCategories: ReadonlySet<string> = new Set(['csaf_vex', 'csaf_security_advisory']);

/** Justifications of known_not_affected (flags[].label), as CSAF and OpenVEX spell them. */
export const justifications: ReadonlySet<string> = new Set([
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
]);

/** Purl types of components that no rpm database and no image name lists. */
export const foreignPurlTypes: ReadonlySet<string> = new Set([
  'maven',
  'generic',
  'npm',
  'golang',
  'luarocks',
  'gem',
  'cargo',
  'github',
  'koji',
  'pypi',
  'nuget',
]);
