import type { Manifest } from './feed.ts';

/**
 * What a reader of a manifest relies on, without a schema: whether a value has the parts that every command walks through.
 * Undefined: it has; else the JSON pointer of the first that it lacks.
 */
export function manifestFault(value: unknown): string | undefined {
  const manifest = value as Partial<Manifest> | null;
  if (typeof manifest?.created !== 'string') return '/created';
  if (typeof manifest.tool?.version !== 'string') return '/tool';
  for (const [list, texts] of Object.entries(lists)) {
    const entries = (manifest as Record<string, unknown>)[list];
    if (!Array.isArray(entries)) return `/${list}`;
    const at = entries.findIndex((entry: unknown) => !hasTexts(entry, texts));
    if (at >= 0) return `/${list}/${at}`;
  }
  const wrong = manifest.platforms!.findIndex(
    ({ life, evidence, os }) => !Array.isArray(life) || !Array.isArray(evidence) || !os,
  );
  return wrong < 0 ? undefined : `/platforms/${wrong}`;
}

/** The format that a document says to have, for a message: what is no number may be anything. */
export function formatName(format: unknown): string {
  return typeof format === 'number' ? String(format) : `of type ${typeof format}`;
}

/** Lists of a manifest, with the texts that each of their entries has. */
const lists: Readonly<Record<string, readonly string[]>> = {
  inputs: ['id', 'source', 'url', 'sha256'],
  sources: ['id', 'name', 'licence'],
  platforms: ['id', 'name', 'source', 'updated'],
  outputs: ['path', 'sha256'],
};

function hasTexts(entry: unknown, names: readonly string[]): boolean {
  if (typeof entry !== 'object' || entry === null) return false;
  return names.every((name) => typeof (entry as Record<string, unknown>)[name] === 'string');
}
