import { openContent, profileRules, type RemediationType, remediate } from '../../comply/index.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { readNamed } from '../../io/read-at-most.ts';
import type { ComplianceResult } from '../../model/compliance/index.ts';
import { ScapfeedError } from '../../model/error.ts';
import { printable, withoutCommand } from '../../report/printable.ts';
import type { ContentFile } from '../content/options.ts';
import { complyPart } from '../report/read-results.ts';

/** Rules with their fixes, as results and content have them. */
export type FixableRules = ReturnType<typeof profileRules>;

/** The fixes of rules as one script. */
export interface FixScript {
  script: string;
  /** Number of rules, and number of rules with a fix of this type. */
  rules: number;
  fixed: number;
  /** Ids of the rules without one. */
  without: readonly string[];
}

/**
 * The titles that stand above the fixes are escaped as in a table. The fixes are not: a shell would read something else. Whoever prints the
 * script to a terminal or to the log of a CI run prints what the content's author wrote.
 */
export function fixScript(rules: FixableRules, type: RemediationType): FixScript {
  const shown = rules.map((rule) => ({ ...rule, title: withoutCommand(printable(rule.title)) }));
  return { ...remediate(shown, type), rules: rules.length };
}

/** Failed rules from given results or from the JSON of `comply`. @throws {ScapfeedError} USAGE if the document is neither */
export function failedRules(results: ComplianceResult | string): FixableRules {
  const { rules } = typeof results === 'string' ? readResults(results) : results;
  return rules.filter(({ result }) => result === 'fail');
}

/** Those that a profile selects, failed or not. */
export function selectedRules({ file, ...how }: ContentFile, profile: string | undefined): FixableRules {
  return profileRules(openContent(file, how), profile);
}

function readResults(file: string): ComplianceResult {
  const parsed = complyPart(parsedJson(file));
  if (hasRules(parsed)) return parsed;
  throw unreadable(file, 'expected the JSON of `scapfeed comply -o json`, found something else');
}

/** Bytes. */
const longestResult = 256 << 20;

function parsedJson(file: string): unknown {
  try {
    return parseForeignJson(readNamed(file, longestResult));
  } catch (cause) {
    const isText = cause instanceof SyntaxError;
    throw unreadable(
      file,
      `the results ${isText ? 'are not JSON, the only form whose fixes are read' : 'cannot be read'}`,
      cause,
    );
  }
}

/** Whether it has what is read of results: their rules. */
export function hasRules(value: unknown): value is ComplianceResult {
  const { rules } = (value ?? {}) as Partial<ComplianceResult>;
  return Array.isArray(rules) && rules.every(isRule);
}

function isRule(value: unknown): boolean {
  const rule = value as Partial<ComplianceResult['rules'][number]> | null;
  return typeof rule?.id === 'string' && typeof rule.result === 'string' && Array.isArray(rule.fixes);
}

function unreadable(file: string, message: string, cause?: unknown): ScapfeedError {
  return new ScapfeedError({
    code: 'USAGE',
    message,
    where: file,
    remedy: 'make them with `scapfeed comply … -o json=FILE`',
    cause,
  });
}
