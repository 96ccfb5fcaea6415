import { createHash } from 'node:crypto';
import { type ArchiveRecords, removeEarlier } from '../../sources/csaf-tree/archive-records.ts';
import { beginSealed, linesFrom, readSealed } from '../../sources/sealed-file.ts';
import type { SnapshotStore } from '../../sources/snapshots.ts';
import type { RedHatDefinition } from './definition.ts';
import type { VulnerabilityRecord } from './record.ts';
import { ModuleBook } from './settle/module-book.ts';
import {
  addEntries,
  type FlawEntries,
  type Settled,
  type SettledVulnerability,
  settle,
} from './settle/settle.ts';
import type { DocumentSummary } from './settle/summary.ts';
import { recordsVersion } from './trees.ts';

type Records = ArchiveRecords<DocumentSummary, VulnerabilityRecord>;

/**
 * The settled content of the archives, kept beside the snapshots under their digests. Vulnerabilities with a row that lacks
 * its module are left out, because any later document may name it.
 */
export async function settledArchives(
  archives: readonly { sha256: string; records: Records }[],
  store: SnapshotStore,
  definition: RedHatDefinition,
): Promise<Settled> {
  const digest = createHash('sha256')
    .update(archives.map(({ sha256 }) => sha256).join())
    .digest('hex');
  const path = store.cache(`redhat-${digest}-${recordsVersion(definition)}.settled`);
  const known = await load(path);
  if (known) return known;
  const settled = settleAll(archives.map(({ records }) => records));
  await save(path, settled);
  await removeEarlier(path, 'redhat-', '.settled');
  return settled;
}

function settleAll(archives: readonly Records[]): Settled {
  const entries: FlawEntries = new Map();
  const lacking = new Set<string>();
  for (const { documents, vulnerability } of archives) {
    for (const document of documents) {
      if (!('summary' in document)) continue;
      const { summary, places } = document;
      for (const id of summary.lacking) lacking.add(id);
      addEntries(entries, summary, (at) => vulnerability(places[at]!));
    }
  }
  const ids = [...entries.keys()].filter((id) => !lacking.has(id));
  return settle(ids, entries, new ModuleBook());
}

/** One line per vulnerability, in the order that claims refer to, then one line per package of a platform. */
async function save(path: string, { vulnerabilities, claims }: Settled): Promise<void> {
  const file = await beginSealed(path);
  try {
    for (const vulnerability of vulnerabilities) await file.add(JSON.stringify(vulnerability));
    for (const [platform, packages] of claims) {
      for (const [name, texts] of packages) await file.add(JSON.stringify([platform, name, [...texts]]));
    }
    await file.seal();
  } finally {
    await file.discard();
  }
}

async function load(path: string): Promise<Settled | undefined> {
  const bytes = await readSealed(path);
  if (!bytes) return undefined;
  const settled: Settled = { vulnerabilities: [], claims: new Map() };
  for (const line of linesFrom(bytes, 0)) {
    const read = JSON.parse(line) as SettledVulnerability | [string, string, [string, number[]][]];
    if (!Array.isArray(read)) {
      settled.vulnerabilities.push(read);
      continue;
    }
    const [platform, name, texts] = read;
    const packages = settled.claims.get(platform) ?? new Map<string, Map<string, number[]>>();
    settled.claims.set(platform, packages.set(name, new Map(texts)));
  }
  return settled;
}
