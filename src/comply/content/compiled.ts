import type { WantedByChecks } from '../files/wanted-files.ts';
import type { OvalSection } from '../oval/model.ts';
import type { Benchmark } from '../xccdf/model.ts';

/** Format of a compiled benchmark. A reader refuses any other number. */
export const compiledFormat = 1;

/**
 * First line of a compiled benchmark. Every other line is `{"key":…,"value":…}` in order of keys: `prose ITEM` holds what
 * a person reads of an item, `N SECTION ID` an element of document N. Only lines that are needed are ever parsed.
 */
export interface CompiledHead {
  format: typeof compiledFormat;
  kind: 'scapfeed-benchmark';
  tool: string;
  source: { name: string; sha256: string };
  stream?: { collection: string; stream: string; component: string };
  /** Items without prose but their title; profiles resolved: no `extends`, each id changed at most once. */
  benchmark: Benchmark;
  /** OVAL documents by the href that checks use; their place is N in the keys. */
  documents: { href: string; schemaVersion: string }[];
  /** Hrefs without a document, with the reason. */
  missing: Record<string, string>;
  wanted: WantedByChecks;
  /** Bytes of the lines after this one: a file that was cut at the end of a line looks whole. Older files lack it. */
  rest?: number;
}

export function elementKey(document: number, section: OvalSection, id: string): string {
  return `${document} ${section} ${id}`;
}

export function proseKey(item: string): string {
  return `prose ${item}`;
}
