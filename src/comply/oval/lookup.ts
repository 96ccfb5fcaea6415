import type { OvalDefinition, OvalDocument, OvalObject, OvalState, OvalTest, OvalVariable } from './model.ts';

/** Looks up elements of an OVAL document by id, in memory or in a compiled file. */
export interface OvalLookup {
  readonly schemaVersion: string;
  definition(id: string): OvalDefinition | undefined;
  test(id: string): OvalTest | undefined;
  object(id: string): OvalObject | undefined;
  state(id: string): OvalState | undefined;
  variable(id: string): OvalVariable | undefined;
  /** Ids of all definitions, in the document's order or in code-unit order. */
  definitionIds(): string[];
}

/** Looks up elements of a document in memory. */
export function lookupOf(document: OvalDocument): OvalLookup {
  return {
    schemaVersion: document.schemaVersion,
    definition: (id) => own(document.definitions, id),
    test: (id) => own(document.tests, id),
    object: (id) => own(document.objects, id),
    state: (id) => own(document.states, id),
    variable: (id) => own(document.variables, id),
    definitionIds: () => Object.keys(document.definitions),
  };
}

function own<T>(record: Record<string, T>, id: string): T | undefined {
  return Object.hasOwn(record, id) ? record[id] : undefined;
}
