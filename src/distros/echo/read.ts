import type { Severity, Statement } from '../../model/index.ts';
import type { SourceSink } from '../../sources/contract.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { type EchoRecord, never, readAdvisories } from './advisories.ts';
import { type EchoDefinition, inputId, maxBytes, platformOf } from './definition.ts';

/** Reads the advisories: they are about every release. */
export async function readEcho(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: EchoDefinition,
): Promise<void> {
  const { ledger } = out;
  const input = snapshots.find(({ id }) => id === inputId);
  if (input === undefined) return;
  const text = (await store.read(input, maxBytes)).toString('utf8');
  const { records, faults } = readAdvisories(text, store.path(input), definition);
  const platforms = definition.releases.map(platformOf);
  for (const { pointer, message, package: name } of faults) {
    const about = {
      platforms: platforms.map(({ id }) => id),
      ...(name === undefined ? {} : { package: name }),
    };
    ledger.drop('wrong_type', `${inputId}#${pointer}`, message, 1, about);
  }
  for (const each of records) {
    const severity = severityOf(each.severity);
    if (severity === undefined)
      ledger.doubt('unknown_severity', `${inputId}#/${each.package}`, each.severity?.slice(0, 80));
    ledger.use();
    out.vulnerability({ id: each.vulnerability });
    for (const { id: platform } of platforms)
      out.statement({
        ...{ vulnerability: each.vulnerability, platform, package: each.package },
        ...outcomeOf(each, severity ?? 'unknown'),
        evidence: `${inputId}#/{package}/{vulnerability}`,
      });
  }
  for (const platform of platforms)
    out.platform(platform, { inputs: [input.id], marks: ['no_package_list'] });
}

function outcomeOf(
  { fixed }: EchoRecord,
  severity: Severity,
): Pick<Statement, 'status' | 'fixed' | 'fixState' | 'reason' | 'severity'> {
  if (fixed === undefined) return { status: 'affected', fixState: 'none_yet', severity };
  if (fixed === never)
    return { status: 'not_affected', reason: 'vulnerable_code_not_present', severity: 'unknown' };
  return { status: 'fixed', fixed, severity };
}

const severities: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  negligible: 'negligible',
};

/** Undefined: another word. */
function severityOf(word: string | undefined): Severity | undefined {
  if (word === undefined || word === '') return 'unknown';
  const key = word.toLowerCase();
  return Object.hasOwn(severities, key) ? severities[key] : undefined;
}
