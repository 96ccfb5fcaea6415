import type { SourceSink } from '../../sources/contract.ts';
import { archiveRecords } from '../../sources/csaf-tree/archive-records.ts';
import { readTree } from '../../sources/csaf-tree/read-tree.ts';
import { archiveId } from '../../sources/csaf-tree/tree-set.ts';
import { readRepositories } from '../../sources/repodata/roster.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { platformOf, repositoryInputs, type SuseDefinition } from './definition.ts';
import type { VulnerabilityRecord } from './document.ts';
import { type DocumentSummary, treeId, treeOf } from './tree.ts';

/** Reads the fetched documents, and the rosters of the releases that they cover. */
export async function readSuse(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: SuseDefinition,
): Promise<void> {
  const tree = treeOf(definition);
  out.ledger.doubt('signature_unchecked', treeId, 'the key of its signatures is not known');
  const archive = snapshots.find(({ id }) => id === archiveId(tree));
  const records = archive && (await archiveRecords(archive, tree, store));
  const spoken = new Set<string>();
  const take = (
    { path, updated, used, notes, count }: DocumentSummary,
    read: (at: number) => VulnerabilityRecord,
    stale: boolean,
  ) => {
    out.dated(treeId, updated);
    out.ledger.use(used);
    for (const { reason, dropped, pointer, detail, count: times } of notes) {
      const where = `${treeId}#${path}${pointer}`;
      if (dropped) out.ledger.drop(reason, where, detail, times);
      else out.ledger.doubt(reason, where, detail, times);
    }
    for (let at = 0; at < count; at++) tell(read(at), { path, at, stale, spoken, out });
  };
  await readTree(
    {
      tree,
      snapshots,
      store,
      ledger: out.ledger,
      sink: {
        add: (record, stale) => take(tree.summarize(record), (at) => record.vulnerabilities[at]!, stale),
        addArchived: take,
        replaced: () => undefined,
      },
    },
    records,
  );
  // A release without any document would look like one without flaws.
  const inputs = snapshots.filter(({ id }) => id === treeId || id === archiveId(tree)).map(({ id }) => id);
  for (const release of definition.releases) {
    const platform = platformOf(release);
    if (!spoken.has(platform.id)) continue;
    const {
      inputs: lists,
      marks,
      ...roster
    } = await readRepositories(
      repositoryInputs(release, definition),
      snapshots,
      store,
      out.ledger,
      `feeds/suse.json#${platform.id}`,
    );
    out.platform(platform, {
      inputs: [...inputs, ...lists],
      ...roster,
      marks: [...marks, 'unchecked_signatures'],
    });
  }
}

interface Telling {
  path: string;
  /** Index of the vulnerability in its document. */
  at: number;
  stale: boolean;
  spoken: Set<string>;
  out: SourceSink;
}

function tell(
  { id, details, rows, unread = [] }: VulnerabilityRecord,
  { path, at, stale, spoken, out }: Telling,
): void {
  if (rows.length > 0) out.vulnerability(details);
  const record = { reason: 'unread_products', where: `${treeId}#${path}/vulnerabilities/${at}` };
  for (const [platform, name, count] of unread)
    out.ledger.unread({ platforms: [platform], package: name }, record, count);
  const place = path === `${id.toLowerCase()}.json` ? '{cve}.json' : path;
  for (const { platform, claim, key, subject, names } of rows) {
    spoken.add(platform);
    const marks = [...(claim.marks ?? []), ...(stale ? ['stale'] : [])];
    for (const name of names) {
      out.statement({
        ...claim,
        vulnerability: id,
        platform,
        package: name,
        ...(subject === 'binary' ? { subject } : {}),
        ...(marks.length > 0 ? { marks } : {}),
        evidence: `${treeId}#${place}/vulnerabilities/${at}/product_status/${key}`,
      });
    }
  }
}
