import { fixesOnly, ScapfeedError } from '../../../model/index.ts';
import type { SourceSink } from '../../../sources/contract.ts';
import type { SnapshotStore, SourceInput } from '../../../sources/snapshots.ts';
import { type AlmaLinuxDefinition, type AlmaLinuxRelease, platformOf } from './definition.ts';
import { type Erratum, readErrata } from './errata.ts';
import { fixesOf } from './fixes.ts';
import { errataInput, osvInput } from './inputs.ts';
import { compareOsv, KnownErrata } from './osv.ts';
import { severityOf } from './severity.ts';

/** Reads the errata of every release in the snapshots, and compares them with the OSV records. */
export async function readAlmaLinux(
  snapshots: readonly SourceInput[],
  store: SnapshotStore,
  out: SourceSink,
  definition: AlmaLinuxDefinition,
): Promise<void> {
  const known = new KnownErrata();
  for (const release of definition.releases) {
    const { id } = errataInput(release, definition);
    const input = snapshots.find((snapshot) => snapshot.id === id);
    if (input) await readRelease({ release, input, store, out, known, definition });
    else tellAbsent(release, out);
  }
  const osv = snapshots.find(({ id }) => id === osvInput(definition).id);
  if (osv) await compareOsv(osv, store, known, out.ledger);
}

interface ReleaseReading {
  release: AlmaLinuxRelease;
  input: SourceInput;
  store: SnapshotStore;
  out: SourceSink;
  known: KnownErrata;
  definition: AlmaLinuxDefinition;
}

async function readRelease(reading: ReleaseReading): Promise<void> {
  const { release, input, store, out, known, definition } = reading;
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
    tellErratum(erratum, place, reading);
  }
  requireShare(faults, errata, definition, where);
  if (ledger.used === usedBefore) {
    tellAbsent(release, out);
    return;
  }
  if (newest > 0) out.dated(input.id, new Date(newest * 1000).toISOString());
  out.platform(platformOf(release), { inputs: [input.id], marks: [fixesOnly], severalErrata: true });
}

/** A release of feeds/ without a statement is a finding, and no platform: its images would look clean. */
function tellAbsent({ major }: AlmaLinuxRelease, { ledger }: SourceSink): void {
  ledger.doubt('release_absent', `feeds/almalinux.json#${major}`);
}

/** The release that an erratum's own page is of, if it is not this one. */
function otherRelease({ page = '' }: Erratum, { major }: AlmaLinuxRelease): string | undefined {
  const [, told] = /\/(\d+)\/AL[A-Z]A-[^/]*$/.exec(page) ?? [];
  return told === major ? undefined : told;
}

function rowsOf({ packages, faults }: Erratum): number {
  return Math.max(1, packages.length + faults.length);
}

/** Each row of an erratum is used or dropped; an erratum without rows counts as one. */
function tellErratum(erratum: Erratum, place: string, { release, input, out }: ReleaseReading): void {
  const { ledger } = out;
  for (const { pointer, message } of erratum.faults)
    ledger.drop('wrong_type', `${input.id}#${pointer}`, message);
  if (erratum.packages.length === 0 && erratum.faults.length === 0) {
    ledger.drop('no_packages', place, erratum.id);
    return;
  }
  const ids = vulnerabilitiesOf(erratum, place, out);
  if (ids.length === 0) {
    ledger.drop('no_vulnerability', place, `${erratum.id}, ${erratum.type}`, erratum.packages.length);
    return;
  }
  const severity = severityOf(erratum.severity);
  if (severity === undefined) ledger.doubt('unknown_severity', place, erratum.severity.slice(0, 80));
  const { fixes, used } = fixesOf(erratum, place, ledger);
  ledger.use(used);
  const titles = titlesIn(erratum.description);
  for (const id of ids) {
    const title = titles.get(id);
    out.vulnerability({ id, ...(title === undefined ? {} : { title }) });
  }
  const { id, issued, title, page } = erratum;
  out.advisory({
    id,
    ...(issued === undefined ? {} : { date: new Date(issued * 1000).toISOString().slice(0, 10) }),
    ...(title === '' ? {} : { title }),
    ...(severity === undefined || severity === 'unknown' ? {} : { severity }),
    ...(page === undefined ? {} : { url: page }),
  });
  const [first, ...others] = ids;
  for (const fix of fixes) {
    out.statement(
      {
        vulnerability: first!,
        platform: platformOf(release).id,
        package: fix.package,
        status: 'fixed',
        fixed: fix.fixed,
        severity: severity ?? 'unknown',
        advisories: [id],
        subject: 'binary',
        ...(fix.module === undefined ? {} : { module: fix.module }),
        ...(fix.arch === undefined ? {} : { arch: fix.arch }),
        evidence: place,
      },
      others,
    );
  }
}

const cve = /^CVE-\d{4}-\d{4,}$/;

/** Bug fixes may name CVEs too. A security erratum without any is a flaw under its own id. */
function vulnerabilitiesOf({ id, type, cves }: Erratum, place: string, { ledger }: SourceSink): string[] {
  for (const each of cves)
    if (!cve.test(each)) ledger.doubt('unknown_vulnerability_id', place, each.slice(0, 80));
  const ids = cves.filter((each) => cve.test(each));
  if (ids.length > 0 || type !== 'security') return ids;
  ledger.doubt('security_erratum_without_cve', place, id);
  return [id];
}

/** `* kernel: use after free in nvmet (CVE-2023-5178)`, by the last id in brackets. */
function titlesIn(description: string): ReadonlyMap<string, string> {
  const lines = description.matchAll(/^\* *(.{1,300}?) *\((CVE-\d{4}-\d{4,})\)\s*$/gm);
  return new Map([...lines].map(([, title, id]) => [id!, title!]));
}

function requireShare(
  faults: number,
  errata: number,
  { malformedShare, malformedFew }: AlmaLinuxDefinition,
  where: string,
): void {
  if (faults <= Math.max(malformedFew, malformedShare * errata) && (faults < errata || faults === 0)) return;
  throw new ScapfeedError({
    code: 'SOURCE_MALFORMED',
    message: `expected errata of this release, found ${faults} of ${errata} in another form or of another release`,
    where,
    remedy: 'fetch it again; if the format has changed, a newer scapfeed is needed',
  });
}
