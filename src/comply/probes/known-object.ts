import type { OvalDocument, OvalEntity, OvalObject } from '../oval/model.ts';

/** The parts of a document that are needed before there is an image. */
export type KnownDocument = Pick<OvalDocument, 'objects' | 'variables'>;

/** Values of each external variable, with all choices that a profile has. */
export type ExternalChoices = ReadonlyMap<string, readonly string[]>;

/** Facts about an object that are known before there is an image. */
export interface KnownObject {
  readonly behaviors: Readonly<Record<string, string>>;
  /** Undefined: the object has no such entity. */
  values(entity: string): KnownValues | undefined;
}

/** Whole values or patterns; `unknown` if they come from the image, or are compared in another way. */
export interface KnownValues {
  kind: 'values' | 'patterns' | 'unknown';
  values: string[];
}

export function knownObject(
  { entities, behaviors = {} }: OvalObject,
  document: KnownDocument,
  external: ExternalChoices,
): KnownObject {
  const values = (name: string) => {
    const entity = entities.find((each) => each.name === name);
    return entity && valuesOf(entity, document, external);
  };
  return { behaviors, values };
}

function valuesOf(entity: OvalEntity, document: KnownDocument, external: ExternalChoices): KnownValues {
  const values =
    entity.variable === undefined
      ? [entity.value ?? '']
      : variableValues(entity.variable, document, external);
  if (!values) return { kind: 'unknown', values: [] };
  const operation = entity.operation ?? 'equals';
  if (operation === 'equals') return { kind: 'values', values };
  return operation === 'pattern match' ? { kind: 'patterns', values } : { kind: 'unknown', values: [] };
}

/** Constants, and external ones with all their choices. */
function variableValues(
  id: string,
  document: KnownDocument,
  external: ExternalChoices,
): string[] | undefined {
  const variable = document.variables[id];
  if (variable?.kind === 'constant') return variable.values ?? [];
  return variable?.kind === 'external' && external.has(id) ? [...(external.get(id) ?? [])] : undefined;
}
