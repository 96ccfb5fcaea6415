import { fixesOnly } from '../../../model/index.ts';
import type { SourceSink } from '../../../sources/contract.ts';
import { requireShare } from '../../../sources/errata/malformed-share.ts';
import { compareOsv, KnownErrata } from '../../../sources/errata/osv.ts';
import { tellErratum } from '../../../sources/errata/statements.ts';
import { readRepositories } from '../../../sources/repodata/roster.ts';
import type { SnapshotStore, SourceInput } from '../../../sources/snapshots.ts';
import { type AlmaLinuxDefinition, type AlmaLinuxRelease, platformOf } from './definition.ts';
import { type AlmaErratum, readErrata } from './errata.ts';
import { errataInput, osvInput, repositoryInputs } from './inputs.ts';

/** Reads the errata and the roster of every release in the snapshots, and compares errata with the OSV records. */
export async function readAlmaLinux(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: AlmaLinuxDefinition,
): Promise<void> {
  const known = new KnownErrata('AlmaLinux');
  for (const release of definition.releases) {
    const { id } = errataInput(release, definition);
    const input = snapshots.find((snapshot) => snapshot.id === id);
    if (input) await readRelease({ release, input, snapshots, store, out, known, definition });
    else tellAbsent(release, out);
  }
  const osv = snapshots.find(({ id }) => id === osvInput(definition).id);
  if (osv) await compareOsv(osv, store, known, out.ledger);
}

interface ReleaseReading {
  release: AlmaLinuxRelease;
  input: SourceInput;
  snapshots: readonly SourceInput[];
  store: SnapshotStore;
  out: SourceSink;
  known: KnownErrata;
  definition: AlmaLinuxDefinition;
}

async function readRelease(reading: ReleaseReading): Promise<void> {
  const { release, input, snapshots, store, out, known, definition } = reading;
  const { ledger } = out;
  const where = store.path(input);
  const usedBefore = ledger.used;
  let errata = 0;
  let faults = 0;
  let newest = 0;
  for await (const read of readErrata(store.open(input), where)) {
    errata += 1;
    const place = `${input.id}#/data/${read.at}`;
    if ('fault' in read) {
      faults += 1;
      ledger.drop('wrong_type', `${input.id}#${read.fault.pointer}`, read.fault.message);
      continue;
    }
    const { erratum } = read;
    const other = otherRelease(erratum, release);
    if (other !== undefined) {
      faults += 1;
      ledger.drop('other_release', place, `${erratum.id} of AlmaLinux ${other}`, rowsOf(erratum));
      continue;
    }
    newest = Math.max(newest, erratum.issued ?? 0, erratum.updated ?? 0);
    known.add(release.major, erratum);
    tellErratum(erratum, { input: input.id, place, platform: platformOf(release).id }, out);
  }
  requireShare(faults, errata, definition, where);
  if (ledger.used === usedBefore) {
    tellAbsent(release, out);
    return;
  }
  if (newest > 0) out.dated(input.id, new Date(newest * 1000).toISOString());
  const { inputs, marks, ...roster } = await readRepositories(
    repositoryInputs(release, definition),
    snapshots,
    store,
    ledger,
    placeOf(release),
  );
  out.platform(platformOf(release), {
    inputs: [input.id, ...inputs],
    ...roster,
    marks: [fixesOnly, ...marks],
    severalErrata: true,
  });
}

/** A release of feeds/ without a statement is a finding, and no platform: its images would look clean. */
function tellAbsent(release: AlmaLinuxRelease, { ledger }: SourceSink): void {
  ledger.doubt('release_absent', placeOf(release));
}

function placeOf({ major }: AlmaLinuxRelease): string {
  return `feeds/almalinux.json#${major}`;
}

/** The release that an erratum's own page is of, if it is not this one. */
function otherRelease({ page = '' }: AlmaErratum, { major }: AlmaLinuxRelease): string | undefined {
  const [, told] = /\/(\d+)\/AL[A-Z]A-[^/]*$/.exec(page) ?? [];
  return told === major ? undefined : told;
}

function rowsOf({ packages, faults }: AlmaErratum): number {
  return Math.max(1, packages.length + faults.length);
}
