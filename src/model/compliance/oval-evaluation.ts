import type { Severity } from '../feed/severity.ts';
import type { InventoryNote } from '../inventory/inventory.ts';
import type { ShownEvidence } from './compliance.ts';

/** Classes of OVAL definitions, in report order. */
export const definitionClasses = [
  'vulnerability',
  'patch',
  'compliance',
  'inventory',
  'miscellaneous',
] as const;

/** The class of an OVAL definition. */
export type DefinitionClass = (typeof definitionClasses)[number];

/** Results of OVAL definitions, in report order. */
export const definitionResults = [
  'true',
  'false',
  'unknown',
  'error',
  'not applicable',
  'not evaluated',
] as const;

/** The result of a definition, in OVAL's terms. */
export type DefinitionResult = (typeof definitionResults)[number];

/**
 * The result of evaluating OVAL definitions on an image, as plain data. `eval -o json` writes it; all reports are generated from
 * it.
 */
export interface OvalEvaluation {
  tool: { name: 'scapfeed'; version: string };
  image: { reference: string; digest?: string };
  content: OvalContentInfo;
  /** Time of the evaluation, ISO 8601 UTC. */
  time: string;
  /** Number of installed packages of the image. Absent if the results were read from a document, which does not have it. */
  packages?: number;
  /** Whether the content's own platform checks pass on this image. `unchecked`: it has none; `unknown`: they could not be evaluated. */
  applies: 'yes' | 'no' | 'unchecked' | 'unknown';
  /** Why it does not apply, or why that is unknown. */
  reason?: string;
  /** Definitions of class inventory, which identify the content's target platforms. */
  inventory: { id: string; title: string; result: DefinitionResult }[];
  /** Number of definitions by class and result, including those that are not listed. */
  counts: Partial<Record<DefinitionClass, Partial<Record<DefinitionResult, number>>>>;
  /** Reason why the evaluation ended before all definitions were evaluated. Absent if it did not. */
  unfinished?: string;
  /** Problems with the image. Absent if there were none. */
  notes?: readonly InventoryNote[];
  /** Sorted by id. By default, only those that need action or could not be evaluated. */
  definitions: EvaluatedDefinition[];
}

/** The document that was evaluated. */
export interface OvalContentInfo {
  /** File name. */
  name: string;
  /** Digest of the content as read; for compiled content, of the document that it was compiled from. */
  sha256: string;
  documents: OvalDocumentInfo[];
}

/** Metadata of an OVAL document. */
export interface OvalDocumentInfo {
  /** Id of the component in a data stream. */
  component?: string;
  schemaVersion: string;
  product?: string;
  productVersion?: string;
  timestamp?: string;
  /** Platforms that its definitions list as affected. */
  platforms: string[];
}

/** The metadata of a definition. */
export interface DefinitionMetadata {
  /** By the vendor's own word; `unknown` if it gives none. */
  severity: Severity;
  vendorSeverity?: string;
  /** The advisory or bulletin that the definition is about. */
  advisory?: string;
  vulnerabilities: string[];
  references: { source: string; id: string; url?: string }[];
  issued?: string;
}

/** A definition and its result on the image. */
export interface EvaluatedDefinition extends DefinitionMetadata, ShownEvidence {
  id: string;
  version: string;
  class: DefinitionClass;
  title: string;
  result: DefinitionResult;
  deprecated?: true;
  /** Reason for the result, if no test gives it. */
  message?: string;
}

/** Why the results as a whole do not count, or may not. Undefined: they do, on a system that the content is for. */
export function doubtOf({
  applies,
  reason = '',
}: Pick<OvalEvaluation, 'applies' | 'reason'>): string | undefined {
  if (applies === 'no') return `nothing applies: ${reason}`;
  return applies === 'unknown' ? `unknown whether the content applies: ${reason}` : undefined;
}

/** Whether a result is one that a person should act on: a flaw or a missing patch that is there, or a rule that is not kept. */
export function needsAction({ class: kind, result }: Pick<EvaluatedDefinition, 'class' | 'result'>): boolean {
  if (kind === 'vulnerability' || kind === 'patch') return result === 'true';
  return kind === 'compliance' && result === 'false';
}

/** Whether a definition of a class with consequences could not be evaluated. A deprecated one may have nothing to evaluate. */
export function isUnsettled({
  class: kind,
  result,
  deprecated,
}: Pick<EvaluatedDefinition, 'class' | 'result'> & { deprecated?: boolean | undefined }): boolean {
  if (kind === 'inventory' || kind === 'miscellaneous') return false;
  return result === 'unknown' || result === 'error' || (result === 'not evaluated' && !deprecated);
}
