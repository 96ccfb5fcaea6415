import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { majorsOf, redHatDefinition } from '../../../src/distros/redhat/definition.ts';
import { readDocument } from '../../../src/distros/redhat/document.ts';
import type { DocumentRecord, Tree } from '../../../src/distros/redhat/record.ts';
import { Assembly } from '../../../src/distros/redhat/settle/assembly.ts';
import { Collector } from '../../../src/feed/compile/index.ts';
import { ScapfeedError } from '../../../src/model/error.ts';
import { dataPath, hasData } from '../../support/data.ts';
import { hasOracle } from '../../support/oracles.ts';

/** Documents that are none, as made by the peers for their negative tests. */
const noDocuments = new Set([
  'delete_CVE-2023-0030.json',
  'delete_CVE-2023-0031.json',
  'invalid/cve-2024-0208.json',
]);

const kinds: readonly [folder: string, tree: Tree][] = [
  ['vex', 'redhat-vex'],
  ['vex-new-feed', 'redhat-vex-feed'],
  ['csaf-advisory', 'redhat-advisories'],
];

describe.skipIf(!hasData('redhat', 'vex') || !hasOracle('xz'))('every real document', () => {
  const files = kinds.flatMap(([folder, tree]) =>
    readdirSync(dataPath('redhat', folder), { recursive: true })
      .map(String)
      .filter((name) => /\.(?:jsonl?|xz)$/.test(name))
      .sort()
      .map((name) => ({ name, tree, path: dataPath('redhat', folder, name) })),
  );

  it.each(files)('$name: product ids in = used + dropped by reason', ({ name, tree, path }) => {
    for (const bytes of documentsOf(path)) {
      const read = tryRead(bytes, tree, name);
      if (read instanceof ScapfeedError) {
        expect([...noDocuments].some((known) => name.endsWith(known)) || isStub(bytes)).toBe(true);
        expect(read.where).toContain(name);
        continue;
      }
      const dropped = read.notes.filter((note) => note.dropped).reduce((sum, { count }) => sum + count, 0);
      expect(read.used + dropped).toBe(productIds(bytes));
    }
  });

  it('all of them joined: records in = used + dropped, whichever row lost to which', () => {
    const collector = new Collector('redhat');
    const assembly = new Assembly(collector, redHatDefinition);
    let records = 0;
    for (const { name, tree, path } of files) {
      for (const bytes of documentsOf(path)) {
        const read = tryRead(bytes, tree, name);
        if (read instanceof ScapfeedError) continue;
        assembly.add(read);
        records += productIds(bytes);
      }
    }
    assembly.finish();
    const { ledger } = collector;
    const dropped = ledger
      .findings()
      .filter((finding) => finding.dropped)
      .reduce((sum, { count }) => sum + count, 0);
    expect(ledger.records).toBe(records);
    expect(ledger.used + dropped).toBe(records);
    expect(records).toBeGreaterThan(100_000);
  });
});

/** JSON Lines hold several documents, one file is packed. */
function documentsOf(path: string): Buffer[] {
  const bytes = path.endsWith('.xz')
    ? execFileSync('xz', ['-dc', path], { maxBuffer: 2 ** 28 })
    : readFileSync(path);
  if (!path.endsWith('.jsonl')) return [bytes];
  try {
    JSON.parse(bytes.toString());
    return [bytes];
  } catch {
    return bytes
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Buffer.from(line));
  }
}

function tryRead(bytes: Buffer, tree: Tree, name: string): DocumentRecord | ScapfeedError {
  try {
    return readDocument(bytes, tree, name, majorsOf(redHatDefinition));
  } catch (error) {
    if (error instanceof ScapfeedError) return error;
    throw error;
  }
}

function isStub(bytes: Buffer): boolean {
  const { document } = JSON.parse(bytes.toString());
  return document?.tracking?.status === 'deleted' || document?.tracking?.id === undefined;
}

function productIds(bytes: Buffer): number {
  const { vulnerabilities = [] } = JSON.parse(bytes.toString()) as {
    vulnerabilities?: { product_status?: Record<string, string[] | null> }[];
  };
  const lists = vulnerabilities.flatMap(({ product_status }) => Object.values(product_status ?? {}));
  return lists.reduce((sum, ids) => sum + (ids?.length ?? 0), 0);
}
