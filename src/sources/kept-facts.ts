import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { openBrace, quote } from '../io/json-codes.ts';
import { ScapfeedError } from '../model/error.ts';
import type { Ledger } from '../model/feed/index.ts';
import { beginSealed, readSealed } from './sealed-file.ts';
import type { SnapshotStore, SourceInput } from './snapshots.ts';

/** A finding of a document, to be counted each time its facts are read. */
export interface KeptFinding {
  reason: string;
  dropped: boolean;
  where: string;
  detail?: string;
}

export interface FactWriter {
  /** One record's facts; the id is the first field. */
  fact(fact: { id: string }): Promise<void>;
  finding(finding: KeptFinding): Promise<void>;
  /** The newest one dates the document. ISO 8601. */
  dated(date: string): void;
}

/** The facts of one document. */
export interface Facts {
  /** Id and line of each record, in the order of the document. */
  records(): Generator<[id: string, line: () => string]>;
  /** Adds the document's findings to a ledger. */
  account(ledger: Ledger): void;
  date: string | undefined;
}

/** Facts of the wrong form count to this share of the records; above it the document is broken as a whole. */
const malformedShare = 0.01;
const leastMalformed = 20;

/** Findings are held until the document is read; more than this has no document that is only partly broken. */
const mostFindings = 100_000;

/**
 * The facts of a large document, kept beside the snapshots: reading 300,000 records takes half a minute, and only some
 * hundred change in a night. The name has the document's digest and the reader's version; a checksum detects damage.
 */
export async function keptFacts(
  { id, sha256 }: Pick<SourceInput, 'id' | 'sha256'>,
  store: SnapshotStore,
  readerVersion: number,
  make: (out: FactWriter) => Promise<void>,
): Promise<Facts> {
  const path = factsPath(id, sha256, store, readerVersion);
  const known = await readSealed(path);
  const bytes = known ?? (await writeFacts(path, id, make).then(() => readSealed(path)));
  if (bytes) return factsOf(bytes);
  throw new ScapfeedError({
    code: 'INTERNAL',
    message: 'facts read back differ from those written',
    where: path,
  });
}

export function factsPath(
  id: string,
  sha256: string,
  store: SnapshotStore,
  readerVersion: number,
  suffix = 'facts',
): string {
  return store.cache(`${id}-${sha256}-${packageJson.version}-${readerVersion}.${suffix}`);
}

async function writeFacts(path: string, id: string, make: (out: FactWriter) => Promise<void>): Promise<void> {
  const file = await beginSealed(path);
  let records = 0;
  let malformed = 0;
  let newest = Number.NEGATIVE_INFINITY;
  const findings: string[] = [];
  try {
    await make({
      fact: async (fact) => {
        records += 1;
        await file.add(JSON.stringify(fact));
      },
      finding: async (finding) => {
        if (finding.dropped) malformed += 1;
        if (findings.push(`!${JSON.stringify(finding)}`) > mostFindings)
          throw mostlyBroken(id, `more than ${mostFindings} findings`, findings[0]!);
      },
      dated: (date) => {
        const time = Date.parse(date);
        if (time > newest) newest = time;
      },
    });
    requireMostlyGood(id, records, malformed, findings[0]);
    for (const finding of findings) await file.add(finding);
    if (Number.isFinite(newest)) await file.add(`@${new Date(newest).toISOString()}`);
    await file.seal();
  } finally {
    await file.discard();
  }
}

function requireMostlyGood(id: string, records: number, malformed: number, example = ''): void {
  const share = malformed / Math.max(1, records + malformed);
  if (malformed < leastMalformed ? records > 0 || malformed === 0 : share <= malformedShare) return;
  throw mostlyBroken(id, `${malformed} of ${records + malformed} records cannot be read`, example);
}

function mostlyBroken(id: string, found: string, example: string): ScapfeedError {
  return new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `${found}: ${example.slice(1, 300)}`,
    where: id,
    remedy: 'the last good snapshot is kept; fetch again, and report it if it repeats',
  });
}

function factsOf(bytes: Buffer): Facts {
  const findings: KeptFinding[] = [];
  let date: string | undefined;
  let end = bytes.length;
  // Findings and the date stand at the end.
  while (end > 0) {
    const start = end < 2 ? 0 : bytes.lastIndexOf(0x0a, end - 2) + 1;
    const mark = bytes[start];
    if (mark === openBrace) break;
    const text = bytes.toString('utf8', start + 1, end - 1);
    if (mark === at) date = text;
    else findings.push(JSON.parse(text) as KeptFinding);
    end = start;
  }
  return {
    records: () => recordsIn(bytes, end),
    account(ledger) {
      for (const { reason, dropped, where, detail } of findings)
        if (dropped) ledger.drop(reason, where, detail);
        else ledger.doubt(reason, where, detail);
    },
    date,
  };
}

const at = 0x40;
const newline = 0x0a;
const idStart = '{"id":"'.length;

function* recordsIn(bytes: Buffer, end: number): Generator<[string, () => string]> {
  for (let start = 0; start < end; ) {
    const stop = bytes.indexOf(newline, start);
    const line = start;
    const id = bytes.toString('latin1', start + idStart, bytes.indexOf(quote, start + idStart));
    yield [id, () => bytes.toString('utf8', line, stop)];
    start = stop + 1;
  }
}

/** Removes kept facts of a source's other documents. */
export async function removeOtherFacts(prefix: string, kept: readonly string[]): Promise<void> {
  const [first] = kept;
  if (first === undefined) return;
  const folder = dirname(first);
  const names = new Set(kept.map((path) => basename(path)));
  for (const name of await readdir(folder).catch(() => [])) {
    const own = name.startsWith(prefix) && /\.(facts|texts)$/.test(name);
    if (own && !names.has(name)) await rm(join(folder, name), { force: true });
  }
}
