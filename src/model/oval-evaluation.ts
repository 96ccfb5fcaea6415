import type { ComplianceEvidence } from './compliance.ts';
import type { InventoryNote } from './inventory.ts';
import type { Severity } from './severity.ts';

/** Classes of OVAL definitions, in the order of reports. */
export const definitionClasses = [
  'vulnerability',
  'patch',
  'compliance',
  'inventory',
  'miscellaneous',
] as const;

/** What kind of statement an OVAL definition makes. */
export type DefinitionClass = (typeof definitionClasses)[number];

/** Results of OVAL definitions, in the order of reports. */
export const definitionResults = [
  'true',
  'false',
  'unknown',
  'error',
  'not applicable',
  'not evaluated',
] as const;

/** The value of a definition, as OVAL names it. */
export type DefinitionResult = (typeof definitionResults)[number];

/** The result of evaluating OVAL definitions on an image, as plain data. `eval -o json` writes it; all reports are made from it. */
export interface OvalEvaluation {
  tool: { name: 'scapfeed'; version: string };
  image: { reference: string; digest?: string };
  content: OvalContentInfo;
  /** When the evaluation was made; ISO 8601 UTC. */
  time: string;
  /** Installed packages of the image. */
  packages: number;
  /** Whether the content's own checks of the platform hold on this image; `unchecked`: it has none. */
  applies: 'yes' | 'no' | 'unchecked';
  /** Why it does not apply. */
  reason?: string;
  /** Definitions of class inventory, which tell what the content is for. */
  inventory: { id: string; title: string; result: DefinitionResult }[];
  /** Definitions by class and result, those that are not listed included. */
  counts: Partial<Record<DefinitionClass, Partial<Record<DefinitionResult, number>>>>;
  /** Why the evaluation ended before all definitions were evaluated; absent if it did not. */
  unfinished?: string;
  /** Problems with the image; absent if there were none. */
  notes?: readonly InventoryNote[];
  /** Sorted by id. By default those that need an action, or could not be evaluated. */
  definitions: EvaluatedDefinition[];
}

/** The document that was evaluated. */
export interface OvalContentInfo {
  /** File name. */
  name: string;
  /** Of the content as it was read; of the document that it was compiled from. */
  sha256: string;
  documents: OvalDocumentInfo[];
}

/** What an OVAL document says of itself. */
export interface OvalDocumentInfo {
  /** Id of the component of a data stream. */
  component?: string;
  schemaVersion: string;
  product?: string;
  productVersion?: string;
  timestamp?: string;
  /** Platforms that its definitions name as affected. */
  platforms: string[];
}

/** What the metadata of a definition says. */
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

/** A definition and its value on the image. */
export interface EvaluatedDefinition extends DefinitionMetadata {
  id: string;
  version: string;
  class: DefinitionClass;
  title: string;
  result: DefinitionResult;
  deprecated?: true;
  /** Reason of the result, if no test gives it. */
  message?: string;
  /** The tests behind the result. */
  evidence: ComplianceEvidence[];
}

/** Whether a result is one that a person should act on: a flaw or a missing patch that is there, or a rule that is not kept. */
export function needsAction({ class: kind, result }: Pick<EvaluatedDefinition, 'class' | 'result'>): boolean {
  if (kind === 'vulnerability' || kind === 'patch') return result === 'true';
  return kind === 'compliance' && result === 'false';
}

/** Whether a definition of a class with consequences could not be evaluated. */
export function isUnsettled({ class: kind, result }: Pick<EvaluatedDefinition, 'class' | 'result'>): boolean {
  return kind !== 'inventory' && kind !== 'miscellaneous' && (result === 'unknown' || result === 'error');
}
