import type { Severity } from '../../model/feed/index.ts';
import type { SourceSink } from '../../sources/contract.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import type { Bulletin } from '../bulletins.ts';
import { type BulletinDefinition, maxBytes, platformsOf } from './definition.ts';
import { type BulletinFault, type BulletinReader, type BulletinRecord, readBulletin } from './records.ts';

/** A vendor, where its document is, and how it is read. */
export interface BulletinData<R extends BulletinRecord> {
  bulletin: Bulletin;
  reader: BulletinReader<R>;
  definition: BulletinDefinition;
}

/** Reads the document: each record is about every flaw and every package that it names, in every release. */
export async function readDocument<R extends BulletinRecord>(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  { bulletin, reader, definition }: BulletinData<R>,
): Promise<void> {
  const { ledger } = out;
  const input = snapshots.find(({ id }) => id === bulletin.input);
  if (input === undefined) return;
  const text = (await store.read(input, maxBytes)).toString('utf8');
  const { records, faults } = readBulletin(text, store.path(input), reader, definition);
  const platforms = platformsOf(bulletin, definition);
  const ids = platforms.map(({ id }) => id);
  for (const fault of faults) dropFault(fault, input.id, ids, out);
  const deciding = new Map<string, Map<string, R>>();
  for (const record of records) {
    const place = `${input.id}#${record.place}`;
    if (record.vulnerabilities.length === 0) {
      ledger.drop('no_cve', place);
      continue;
    }
    ledger.use();
    if (severityOf(record) === undefined)
      ledger.doubt('unknown_severity', place, record.severity!.slice(0, 80));
    for (const [reason, detail] of reader.doubts?.(record) ?? []) ledger.doubt(reason, place, detail);
    for (const id of record.advisories ?? []) out.advisory({ id });
    for (const name of record.packages) {
      const flaws = deciding.get(name) ?? new Map<string, R>();
      deciding.set(name, flaws);
      for (const flaw of record.vulnerabilities) {
        const known = flaws.get(flaw);
        flaws.set(flaw, known && reader.joined ? reader.joined(known, record) : record);
        if (known) ledger.doubt('several_records', place, `${name} ${flaw}: ${known.place.slice(1)}`);
      }
    }
  }
  for (const [name, flaws] of deciding)
    for (const [vulnerability, record] of flaws) {
      out.vulnerability({ id: vulnerability });
      const { status, ...outcome } = reader.outcome(record);
      for (const platform of ids)
        out.statement({
          ...{ vulnerability, platform, package: name, status, ...outcome },
          ...(bulletin.subject === 'binary' && { subject: 'binary' }),
          ...(record.advisories && record.advisories.length > 0 && { advisories: record.advisories }),
          // Packages that are not affected have no severity: equal statements stay equal.
          severity: status === 'not_affected' ? 'unknown' : (severityOf(record) ?? 'unknown'),
          evidence: `${input.id}#${reader.evidence(record)}`,
        });
    }
  for (const platform of platforms)
    out.platform(platform, { inputs: [input.id], marks: ['no_package_list'] });
}

function dropFault(
  { place, message, packages }: BulletinFault,
  input: string,
  platforms: readonly string[],
  { ledger }: SourceSink,
): void {
  const where = `${input}#${place}`;
  const [first, ...others] = packages;
  ledger.drop('wrong_type', where, message, 1, { platforms, ...(first !== undefined && { package: first }) });
  for (const name of others)
    ledger.unread({ platforms, package: name }, { reason: 'wrong_type', where, detail: message });
}

const severities: Readonly<Record<string, Severity>> = {
  ...{ critical: 'critical', high: 'high', medium: 'medium', low: 'low', negligible: 'negligible' },
  unknown: 'unknown',
};

/** Undefined: another word. */
function severityOf({ severity = '' }: BulletinRecord): Severity | undefined {
  const word = severity.toLowerCase();
  if (word === '') return 'unknown';
  return Object.hasOwn(severities, word) ? severities[word] : undefined;
}
