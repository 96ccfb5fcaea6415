import type { SourceSink } from '../contract.ts';
import type { DocumentRecord, VulnerabilityRecord } from '../csaf/flaw-document.ts';
import type { SnapshotStore, SourceInput } from '../snapshots.ts';
import { archiveRecords } from './archive-records.ts';
import { readTree } from './read-tree.ts';
import type { CsafTree } from './tree.ts';
import { archiveId } from './tree-set.ts';

/** A document without its rows: what a build needs of each. */
export type DocumentSummary = Omit<DocumentRecord, 'vulnerabilities'> & { count: number };

/** A tree of documents of a CVE each. */
export type FlawTree = CsafTree<DocumentRecord, DocumentSummary>;

export function summarize({ vulnerabilities, ...rest }: DocumentRecord): DocumentSummary {
  return { ...rest, count: vulnerabilities.length };
}

/** Gives the statements of a tree. Returns the platforms that they are about, and the inputs that they are from. */
export async function readFlaws(
  tree: FlawTree,
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
): Promise<{ platforms: ReadonlySet<string>; inputs: string[] }> {
  const archive = snapshots.find(({ id }) => id === archiveId(tree));
  const records = archive && (await archiveRecords(archive, tree, store));
  const spoken = new Set<string>();
  const take = (
    { path, updated, used, notes, count }: DocumentSummary,
    read: (at: number) => VulnerabilityRecord,
    stale: boolean,
  ) => {
    out.dated(tree.id, updated);
    out.ledger.use(used);
    for (const { reason, dropped, pointer, detail, count: times } of notes) {
      const where = `${tree.id}#${path}${pointer}`;
      if (dropped) out.ledger.drop(reason, where, detail, times);
      else out.ledger.doubt(reason, where, detail, times);
    }
    for (let at = 0; at < count; at++) state(read(at), { tree: tree.id, path, at, stale, spoken, out });
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
  const inputs = snapshots.filter(({ id }) => id === tree.id || id === archiveId(tree)).map(({ id }) => id);
  return { platforms: spoken, inputs };
}

interface Place {
  tree: string;
  path: string;
  /** Index of the vulnerability in its document. */
  at: number;
  stale: boolean;
  spoken: Set<string>;
  out: SourceSink;
}

function state(
  { id, details, rows, unread = [] }: VulnerabilityRecord,
  { tree, path, at, stale, spoken, out }: Place,
): void {
  if (rows.length > 0) out.vulnerability(details);
  const record = { reason: 'unread_products', where: `${tree}#${path}/vulnerabilities/${at}` };
  for (const [platform, name, count] of unread)
    out.ledger.unread({ platforms: [platform], package: name }, record, count);
  const place = withPlaceholders(path, id);
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
        evidence: `${tree}#${place}/vulnerabilities/${at}/product_status/${key}`,
      });
    }
  }
}

/** `{year}/cve-{cve}.json` for a path with its CVE's year and id: then statements of several CVEs are equal. */
function withPlaceholders(path: string, id: string): string {
  const [cve, year] = [id.toLowerCase(), id.split('-')[1]!];
  const placed = path.replace(cve, '{cve}');
  return placed.startsWith(`${year}/`) ? `{year}${placed.slice(year.length)}` : placed;
}
