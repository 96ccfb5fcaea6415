import {
  definitionClasses,
  definitionResults,
  type EvaluatedDefinition,
  needsAction,
} from '../../model/compliance/index.ts';
import { severities } from '../../model/feed/index.ts';
import { naturalKey, sortedByText } from '../../model/order.ts';

/** Those that need an action first, then by result, class, severity and id. */
export function byUrgency(definitions: readonly EvaluatedDefinition[]): EvaluatedDefinition[] {
  return sortedByText(
    definitions,
    (definition) => `${String(rankOf(definition)).padStart(rankDigits, '0')} ${naturalKey(definition.id)}`,
  );
}

const rankDigits = String(2 * definitionResults.length * definitionClasses.length * severities.length).length;

function rankOf(definition: EvaluatedDefinition): number {
  const { result, class: kind, severity } = definition;
  let rank = needsAction(definition) ? 0 : 1;
  rank = rank * definitionResults.length + definitionResults.indexOf(result);
  rank = rank * definitionClasses.length + definitionClasses.indexOf(kind);
  return rank * severities.length + (severities.length - 1 - severities.indexOf(severity));
}

/** The subject of a definition in a few words: its advisory, or its first vulnerabilities. */
export function subjectOf({ advisory, vulnerabilities, id }: EvaluatedDefinition): string {
  if (advisory !== undefined && vulnerabilities.length !== 1) return advisory;
  return vulnerabilities[0] ?? advisory ?? id;
}
