import {
  compareNaturally,
  definitionClasses,
  definitionResults,
  type EvaluatedDefinition,
  needsAction,
  severities,
} from '../../model/index.ts';

/** Those that need an action first, then by result, class, severity and id. */
export function byUrgency(a: EvaluatedDefinition, b: EvaluatedDefinition): number {
  return (
    Number(needsAction(b)) - Number(needsAction(a)) ||
    definitionResults.indexOf(a.result) - definitionResults.indexOf(b.result) ||
    definitionClasses.indexOf(a.class) - definitionClasses.indexOf(b.class) ||
    severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
    compareNaturally(a.id, b.id)
  );
}

/** What a definition is about, in a few words: its advisory, or its first vulnerabilities. */
export function subjectOf({ advisory, vulnerabilities, id }: EvaluatedDefinition): string {
  if (advisory !== undefined && vulnerabilities.length !== 1) return advisory;
  return vulnerabilities[0] ?? advisory ?? id;
}
