import type { DefinitionMetadata } from '../../model/compliance/index.ts';

/** Metadata in a compiled file: lists are texts, of which few runs need the parts. */
export interface CompiledMetadata extends Omit<DefinitionMetadata, 'vulnerabilities' | 'references'> {
  /** Joined by blanks. */
  vulnerabilities: string;
  /** Source, id and URL of each. */
  references: string;
}

// XML allows neither anywhere, and JSON writes each with two characters.
const [betweenParts, betweenReferences] = ['\b', '\f'];

export const noCompiledMetadata: CompiledMetadata = {
  severity: 'unknown',
  vulnerabilities: '',
  references: '',
};

export function joinedIds(vulnerabilities: ReadonlySet<string>): string {
  let joined = '';
  for (const id of vulnerabilities) joined = joined === '' ? id : `${joined} ${id}`;
  return joined;
}

/** References with one more. */
export function withReference(
  references: string,
  source: string,
  id: string,
  url: string | undefined,
): string {
  const before = references === '' ? '' : `${references}${betweenReferences}`;
  const address = url ? `${betweenParts}${url}` : '';
  return `${before}${source}${betweenParts}${id}${address}`;
}

/** The metadata with these references, which a report may not need. */
export function metadataWith(
  compiled: CompiledMetadata,
  references: DefinitionMetadata['references'],
): DefinitionMetadata {
  return { ...compiled, vulnerabilities: listed(compiled.vulnerabilities, ' '), references };
}

export function referencesOf({ references }: CompiledMetadata): DefinitionMetadata['references'] {
  return listed(references, betweenReferences).map((text) => {
    const [source = '', id = '', url] = text.split(betweenParts);
    return url === undefined ? { source, id } : { source, id, url };
  });
}

function listed(text: string, separator: string): string[] {
  return text === '' ? [] : text.split(separator);
}
