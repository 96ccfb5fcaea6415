import { count, each, members, text } from '../shape.ts';
import type { Manifest } from './feed.ts';
import { isContentPath } from './feed-content.ts';

/**
 * Checks, without a schema, that a value has the parts of a manifest that every command reads.
 * Returns undefined if it has, otherwise the JSON pointer of the first missing part.
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
  const content = contentFault(manifest.content);
  if (content >= 0) return `/content/${content}`;
  const wrong = manifest.platforms!.findIndex(
    ({ life, evidence, os, held = [] }) =>
      !Array.isArray(life) || !Array.isArray(evidence) || !os || !isListOf(held, ['gate', 'found']),
  );
  return wrong < 0 ? undefined : `/platforms/${wrong}`;
}

/** Position of the first entry of a manifest's `content` that lacks a part; -1: all are whole, or there are none. */
export function contentFault(entries: unknown): number {
  if (entries === undefined) return -1;
  if (!Array.isArray(entries)) return 0;
  return entries.findIndex((entry: unknown) => contentShape(entry) !== undefined);
}

const contentShape = members(
  {
    path: (value) => (typeof value === 'string' && isContentPath(value) ? undefined : ''),
    ...{ product: text, licence: text, platforms: each(text) },
    benchmark: members({ id: text, title: text, version: text }),
    profiles: each(members({ id: text, title: text, rules: count })),
  },
  { date: text },
);

/** The format that a document states, for a message; it may not be a number. */
export function formatName(format: unknown): string {
  if (format === undefined) return 'of no number';
  return typeof format === 'number' ? String(format) : `of type ${typeof format}`;
}

/** Lists in a manifest, with the text fields that each of their entries has. */
const lists: Readonly<Record<string, readonly string[]>> = {
  inputs: ['id', 'source', 'url', 'sha256'],
  sources: ['id', 'name', 'licence'],
  platforms: ['id', 'name', 'source', 'updated'],
  outputs: ['path', 'sha256'],
};

function isListOf(entries: unknown, texts: readonly string[]): boolean {
  return Array.isArray(entries) && entries.every((entry: unknown) => hasTexts(entry, texts));
}

function hasTexts(entry: unknown, names: readonly string[]): boolean {
  if (typeof entry !== 'object' || entry === null) return false;
  return names.every((name) => typeof (entry as Record<string, unknown>)[name] === 'string');
}
