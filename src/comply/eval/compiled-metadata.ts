import type { DefinitionMetadata } from '../../model/index.ts';

/** Metadata in a compiled file: lists are texts, of which few runs need the parts. */
export interface CompiledMetadata extends Omit<DefinitionMetadata, 'vulnerabilities' | 'references'> {
  /** Joined by blanks. */
  vulnerabilities: string;
  /** Source, id and URL of each. */
  references: string;
}

// XML allows neither anywhere, and JSON writes each with two characters.
const [betweenParts, betweenReferences] = ['\b', '\f'];

export function compiledMetadata(metadata: DefinitionMetadata): CompiledMetadata {
  const { vulnerabilities, references } = metadata;
  const texts = references.map(({ source, id, url }) =>
    url === undefined
      ? `${source}${betweenParts}${id}`
      : `${source}${betweenParts}${id}${betweenParts}${url}`,
  );
  return {
    ...metadata,
    vulnerabilities: vulnerabilities.join(' '),
    references: texts.join(betweenReferences),
  };
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
