import { splitEvidence, type Verdict } from '../model/index.ts';
import type { VendorRecord } from '../report/explanation.ts';
import type { Feed } from '../scan/index.ts';
import { evidenceDocument } from '../sources/redhat/evidence.ts';
import type { SnapshotStore } from '../sources/snapshots.ts';

// A record is shown whole up to here; more would hide the rest of the explanation.
const shownCharacters = 2000;

/** The vendor's own record behind a verdict, read from the snapshot that the feed was made from if it is at hand. */
export async function vendorRecord(
  verdict: Verdict,
  feed: Feed,
  store: SnapshotStore,
): Promise<VendorRecord> {
  const { input: id, pointer } = splitEvidence(verdict.evidence);
  const input = feed.manifest.inputs.find((candidate) => candidate.id === id);
  if (!input) return { pointer, text: `the manifest names no input ${id}` };
  const document = /^(?<path>\d{4}\/[^/]+\.json)(?<rest>\/.*)?$/.exec(pointer)?.groups;
  const inputs = feed.manifest.inputs;
  const bytes = document
    ? () => evidenceDocument(id, document['path']!, inputs, store)
    : () => store.read(input);
  return { input, pointer, text: await recordText(bytes, document ? (document['rest'] ?? '') : pointer) };
}

async function recordText(read: () => Promise<Buffer | undefined>, pointer: string): Promise<string> {
  let bytes: Buffer | undefined;
  try {
    bytes = await read();
  } catch {
    return 'not shown: the snapshot is not on this machine (--snapshots DIR, or --mirror as at the build)';
  }
  const text = bytes && valueIn(bytes, pointer);
  if (text === undefined) return 'not found in the snapshot: the feed and the snapshot do not fit';
  return text.length <= shownCharacters
    ? text
    : `${text.slice(0, shownCharacters)}… (${text.length} characters)`;
}

function valueIn(bytes: Buffer, pointer: string): string | undefined {
  return pointer.startsWith('line:') ? lineOf(bytes, Number(pointer.slice(5))) : valueAt(bytes, pointer);
}

function lineOf(bytes: Buffer, line: number): string | undefined {
  return bytes.toString('utf8').split('\n')[line - 1]?.trim();
}

/** RFC 6901. */
function valueAt(bytes: Buffer, pointer: string): string | undefined {
  let value: unknown = JSON.parse(bytes.toString('utf8'));
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value === undefined ? undefined : JSON.stringify(value);
}
