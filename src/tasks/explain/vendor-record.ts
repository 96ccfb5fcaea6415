import { createHash } from 'node:crypto';
import { sourceOf } from '../../distros/builds.ts';
import { parseForeignJson } from '../../io/foreign-json.ts';
import { ScapfeedError } from '../../model/error.ts';
import { splitEvidence } from '../../model/feed/index.ts';
import type { Verdict } from '../../model/verdict/index.ts';
import type { VendorRecord } from '../../report/explanation.ts';
import type { Feed } from '../../runtime/index.ts';
import type { EvidenceDocument } from '../../sources/contract.ts';
import type { SnapshotStore } from '../../sources/snapshots.ts';

// Longer records are cut: they would hide the rest of the explanation.
const shownCharacters = 2000;
const notHere =
  'not shown: the snapshot is not on this machine (name it with --snapshots DIR, or --mirror as in the build)';

/**
 * The vendor's record behind a verdict, from the snapshot that the feed was built from, if it is on this machine. Without a
 * store it is not.
 */
export async function vendorRecord(
  verdict: Verdict,
  feed: Feed,
  store: SnapshotStore | undefined,
): Promise<VendorRecord> {
  const { inputs } = feed.manifest;
  const { input: id, pointer } = splitEvidence(verdict.evidence);
  const input = inputs.find((candidate) => candidate.id === id);
  if (!input) return { pointer, text: `the manifest has no input ${id}` };
  const place = `${input.url} (${[id, input.date?.slice(0, 10)].filter(Boolean).join(', ')})`;
  const source = sourceOf(input.source);
  if (!store) return { place, pointer, text: notHere };
  let document: EvidenceDocument | undefined;
  try {
    document = await source?.evidence(input, pointer, inputs, store);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing && !(error instanceof ScapfeedError)) throw error;
    return { place, pointer, text: notHere };
  }
  const text = document && valueIn(document.bytes, document.pointer);
  if (!document || text === undefined) {
    return { place, pointer, text: 'not found in the snapshot: the feed was not built from it' };
  }
  return {
    place: document.place,
    sha256: createHash('sha256').update(document.bytes).digest('hex'),
    pointer: document.pointer,
    text: shortened(text),
  };
}

function shortened(text: string): string {
  return text.length <= shownCharacters
    ? text
    : `${text.slice(0, shownCharacters)}… (${text.length} characters)`;
}

/** A line by its number, a JSON value by RFC 6901, or the whole document; undefined: the document has no such place. */
function valueIn(bytes: Buffer, pointer: string): string | undefined {
  if (pointer === '') return bytes.toString('utf8');
  if (pointer.startsWith('line:'))
    return bytes.toString('utf8').split('\n')[Number(pointer.slice(5)) - 1]?.trim();
  let value = jsonIn(bytes);
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value === undefined ? undefined : JSON.stringify(value);
}

function jsonIn(bytes: Buffer): unknown {
  try {
    return parseForeignJson(bytes);
  } catch {
    return undefined;
  }
}
