import type { OvalEngine } from '../oval/engine.ts';
import type { OvalContentDocument } from './content.ts';

/**
 * Every OVAL file of scapfeed begins with a definition that is false where the file cannot see the image's packages: all others
 * are then false too, which would read as clean.
 * @returns the title of that definition, if it is false
 */
export function unseenPackages(
  { info, lookup }: Pick<OvalContentDocument, 'info' | 'lookup'>,
  engine: OvalEngine,
): string | undefined {
  if (info.product !== 'scapfeed') return undefined;
  for (const id of lookup.definitionIds()) {
    const definition = lookup.definition(id);
    if (definition?.class === 'compliance')
      return engine.definition(id) === 'false' ? definition.title : undefined;
  }
  return undefined;
}
