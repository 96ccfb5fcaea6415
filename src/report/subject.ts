import type { Severity } from '../model/feed/index.ts';
import type { InventoryNote } from '../model/inventory/index.ts';
import type { SignatureGate } from '../model/verdict/index.ts';
import { noteLine } from './note-text.ts';
import { signatureFault } from './signed-verdict.ts';

/** The result of a task for one image, in the terms that formats of several tasks share. */
export interface ReportSubject {
  toolVersion: string;
  /** By which CI systems identify the image. Absent: the report is about several. */
  name?: string;
  /** CI systems replace what they know of a category by the next report: one for each image and task. */
  category: string;
  facts: Readonly<Record<string, unknown>>;
  entries: Iterable<ReportEntry>;
  /** Order for formats that have the worst first. Absent: entries are in it. */
  worstFirst?(a: ReportEntry, b: ReportEntry): number;
  /** Limits of the result, and what else it does not list. */
  notices: readonly ReportNotice[];
  exitCode?: number;
}

export type EntryLevel = 'error' | 'warning' | 'note';

/**
 * One of the things that a task is about: a flaw, a rule, a definition, a file. `found`: there is no such thing as its success.
 * `open`: whether it failed is not known.
 */
export interface ReportEntry {
  ruleId: string;
  rule(): EntryRule;
  state: 'found' | 'failed' | 'open' | 'skipped' | 'passed';
  severity: string;
  level: EntryLevel;
  message: string;
  /** The file in the image. Absent: the image as a whole. */
  path?: string;
  places: readonly EntryLocation[];
  /** The properties that stay the same from night to night. */
  identity: readonly string[];
  /** Why the user put it aside. */
  accepted?: string;
  properties?: Readonly<Record<string, unknown>>;
  /** The entry as a test of its rule. Absent: the task has tests of its own. */
  test?: { title: string; reason: string; evidence(): string };
}

/** A kind of entry. Empty texts do not count as given, so each has one. */
export interface EntryRule {
  id: string;
  name?: string;
  short: string;
  full: string;
  help: { text: string; markdown: string };
  level: EntryLevel;
  helpUri?: string;
  tags: readonly string[];
  /** 0.1 to 10.0; makes it a security rule with this severity. */
  securitySeverity?: number;
  properties?: Readonly<Record<string, unknown>>;
}

/** A package or a layer. */
export interface EntryLocation {
  name: string;
  fullName: string;
  kind: string;
}

export interface ReportNotice {
  level: EntryLevel;
  id: string;
  text: string;
}

/** A test of a CI system, which knows it by group and title. Without an outcome it has passed. */
export interface ReportTest {
  group: string;
  title: string;
  outcome?: 'failure' | 'error' | 'skipped' | undefined;
  message?: string | undefined;
  type?: string | undefined;
  details?(): string;
  /** Seconds. Default: `0`, but for tests of an evaluation that has a time as a whole. */
  time?: '0';
}

/** A result as tests. */
export interface TestSuite {
  command: string;
  /** By which CI systems identify the image. */
  name: string;
  /** Of a report about one image. Default: the name. */
  title?: string;
  /** ISO 8601 UTC, with the reference of the image. */
  evaluated?: { time: string; reference: string };
  labels?: readonly (readonly [name: string, value: string | undefined])[];
  tests: readonly ReportTest[];
  remarks: readonly string[];
  /** Reason why the task ended before everything was tested. */
  unfinished?: string | undefined;
}

/**
 * Urgency of a severity in GitHub, by a level and by a number (0.1 to 10.0). An unrated flaw has no number, and the level that
 * Trivy and Grype give it: DefectDojo reads it as it reads `unknown` in formats that have the word.
 */
export const severityLevels: Readonly<Record<Severity, { level: EntryLevel; number?: number }>> = {
  critical: { level: 'error', number: 9.5 },
  high: { level: 'error', number: 8 },
  medium: { level: 'warning', number: 5.5 },
  low: { level: 'note', number: 2 },
  negligible: { level: 'note', number: 0.1 },
  unknown: { level: 'note' },
};

export function imageFacts({ reference, digest }: { reference: string; digest?: string }): object {
  return { image: reference, ...(digest === undefined ? {} : { imageDigest: digest }) };
}

/** Id of the notice of signatures that are not as required: the image was judged all the same. */
export const signaturesId = 'signatures';

interface Noticed {
  signed?: SignatureGate;
  unfinished?: string;
  notes?: readonly InventoryNote[];
}

/** Notes of every task: missing signatures, a doubt about the whole, an early end, and notes about the image. `own`: the task's. */
export function noticesOf(
  { signed, unfinished, notes = [] }: Noticed,
  doubt: string | undefined,
  own: readonly ReportNotice[],
): ReportNotice[] {
  const fault = signed && signatureFault({ signed });
  const errors = [
    [signaturesId, fault?.text],
    ['not-applicable', doubt],
    ['unfinished', unfinished],
  ] as const;
  return [
    ...errors.flatMap(([id, text]) => (text === undefined ? [] : [{ level: 'error', id, text } as const])),
    ...own,
    ...notes.map((note): ReportNotice => ({ level: 'note', id: note.code, text: noteLine(note) })),
  ];
}

/** A notice if there is something to state. */
export function notice(level: EntryLevel, id: string, text: string | undefined): ReportNotice[] {
  return text === undefined ? [] : [{ level, id, text }];
}
