import { ScapfeedError } from '../model/error.ts';
import type { Snapshot, SourceInput } from './snapshot.ts';

const indexFormat = 1;

/** The text of `SOURCE.json` in a snapshot store: snapshots by id in code-unit order. */
export function indexText(snapshots: Iterable<Snapshot>): string {
  const sorted = [...snapshots].sort((a, b) => (a.id < b.id ? -1 : 1));
  return `${JSON.stringify({ format: indexFormat, snapshots: sorted }, null, 1)}\n`;
}

/** Reverse of indexText; SNAPSHOT_CORRUPT for anything else. */
export function parseIndex(text: string, where: string): Snapshot[] {
  const index = parse(text);
  if (index?.format === indexFormat && Array.isArray(index.snapshots) && index.snapshots.every(isSnapshot)) {
    return index.snapshots;
  }
  throw new ScapfeedError({
    code: 'SNAPSHOT_CORRUPT',
    message: `expected a snapshot index of format ${indexFormat}, found something else`,
    where,
    remedy: 'remove the file and fetch again',
  });
}

function parse(text: string): { format?: unknown; snapshots?: unknown } | null | undefined {
  try {
    return JSON.parse(text) as { format?: unknown; snapshots?: unknown } | null;
  } catch {
    return undefined;
  }
}

function isSnapshot(value: unknown): value is Snapshot {
  return isSourceInput(value) && typeof (value as Partial<Snapshot>).fetched === 'string';
}

/** The digest becomes part of a path: nothing but a digest may pass. */
export function isSourceInput(value: unknown): value is SourceInput {
  const { id, source, url, sha256, size } = (value ?? {}) as Record<string, unknown>;
  const texts = [id, source, url].every((field) => typeof field === 'string');
  return texts && typeof size === 'number' && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256);
}
