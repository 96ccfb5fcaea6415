import { fixesOnly, type Ledger } from '../../../model/index.ts';
import type { SourceSink } from '../../../sources/contract.ts';
import type { Erratum } from '../../../sources/errata/erratum.ts';
import { requireShare } from '../../../sources/errata/malformed-share.ts';
import { compareOsv, KnownErrata } from '../../../sources/errata/osv.ts';
import { tellErratum } from '../../../sources/errata/statements.ts';
import { additionOf } from '../../../sources/errata/union.ts';
import { readRepositories } from '../../../sources/repodata/roster.ts';
import type { SnapshotStore, SourceInput } from '../../../sources/snapshots.ts';
import { type AlmaLinuxDefinition, type AlmaLinuxRelease, platformOf } from './definition.ts';
import { type AlmaErratum, readErrata } from './errata.ts';
import { errataInput, osvInput, ovalInput, repositoryInputs } from './inputs.ts';
import { type OvalErrata, type OvalErratum, readOvalErrata } from './oval.ts';

/**
 * Reads the errata, OVAL and roster of every release in the snapshots, and compares errata with the OSV records. An advisory has the
 * packages and CVEs of both documents.
 */
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
  const platform = platformOf(release).id;
  const oval = await ovalOf(reading);
  let errata = 0;
  let faults = 0;
  let newest = 0;
  const told = new Set<string>();
  for await (const read of readErrata(store.open(input), where)) {
    errata += 1;
    const place = `${input.id}#/data/${read.at}`;
    if ('fault' in read) {
      faults += 1;
      const where = `${input.id}#${read.fault.pointer}`;
      const detail = read.fault.message;
      ledger.drop('wrong_type', where, detail);
      for (const about of read.subjects)
        ledger.unread({ platforms: [platform], ...about }, { reason: 'wrong_type', where, detail });
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
    const more = (oval.errata.get(erratum.id) ?? []).map((each) => ({
      oval: each,
      ...additionOf(erratum, each),
    }));
    const whole = { ...erratum, cves: joined([erratum.cves, ...more.map(({ cves }) => cves)]) };
    known.add(release.major, {
      ...whole,
      packages: joined([erratum.packages, ...more.map(({ packages }) => packages)]),
    });
    tellErratum(whole, { input: input.id, place, platform }, out);
    for (const addition of more) tellAddition(whole, addition, platform, out);
    for (const each of more) tellUnread(whole, each.oval, platform, ledger);
    if (oval.input && more.length === 0 && erratum.security) ledger.doubt('not_in_oval', place, erratum.id);
    told.add(erratum.id);
  }
  requireShare(faults, errata, definition, where);
  for (const of of oval.errata.values()) {
    for (const erratum of of) {
      if (told.has(erratum.id)) continue;
      ledger.doubt('oval_only', erratum.place, erratum.id);
      known.add(release.major, erratum);
      tellErratum(erratum, { input: oval.input!, place: erratum.place, platform }, out);
      tellUnread({ ...erratum, packages: [] }, erratum, platform, ledger);
    }
  }
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
    inputs: [input.id, ...(oval.input === undefined ? [] : [oval.input]), ...inputs],
    ...roster,
    marks: [fixesOnly, ...marks],
    severalErrata: true,
  });
}

/** What the vendor's OVAL of the release says, by advisory; without it the release has the errata alone, and a finding. */
async function ovalOf({ release, snapshots, store, out, definition }: ReleaseReading): Promise<{
  input: string | undefined;
  errata: OvalErrata;
}> {
  const input = snapshots.find(({ id }) => id === ovalInput(release, definition).id);
  if (!input) {
    out.ledger.doubt('oval_absent', placeOf(release));
    return { input: undefined, errata: new Map() };
  }
  const { errata, newest, unread } = await readOvalErrata(input, store, out.ledger);
  const platforms = [platformOf(release).id];
  for (const [about, record] of unread) out.ledger.unread({ platforms, ...about }, record);
  if (newest !== undefined) out.dated(input.id, newest);
  return { input: input.id, errata: ofRelease(errata, release, out.ledger) };
}

function ofRelease(errata: OvalErrata, release: AlmaLinuxRelease, ledger: Ledger): OvalErrata {
  const own = [...errata].map(([id, of]): [string, readonly OvalErratum[]] => [
    id,
    of.filter((erratum) => {
      const other = otherRelease(erratum, release);
      if (other !== undefined)
        ledger.doubt('oval_other_release', erratum.place, `${id} of AlmaLinux ${other}`);
      return other === undefined;
    }),
  ]);
  return new Map(own.filter(([, of]) => of.length > 0));
}

/** The packages of an advisory that its OVAL alone has, and how else the two differ. */
function tellAddition(
  erratum: Erratum,
  { oval, cves, packages, otherBuilds }: { oval: OvalErratum } & ReturnType<typeof additionOf>,
  platform: string,
  out: SourceSink,
): void {
  const { ledger } = out;
  const { id, place } = oval;
  if (cves.length > 0) ledger.doubt('oval_names_more', place, `${id}: ${cves.slice(0, 8).join(', ')}`);
  if (otherBuilds.length > 0)
    ledger.doubt(
      'oval_fixed_differs',
      place,
      `${id}: ${otherBuilds.slice(0, 8).join(', ')}`,
      otherBuilds.length,
    );
  if (packages.length === 0) return;
  const names = joined([packages.map(({ name }) => name)]);
  ledger.doubt('oval_has_more_packages', place, `${id}: ${names.slice(0, 8).join(', ')}`, names.length);
  const input = place.slice(0, place.indexOf('#'));
  tellErratum({ ...erratum, packages, modules: [], faults: [] }, { input, place, platform }, out);
}

/**
 * A definition that was not wholly understood leaves no clean result for its packages, unless the erratum itself has them: it
 * decides about those. An update that fixes no flaw says nothing of them.
 */
function tellUnread(
  { security, cves, packages }: Pick<Erratum, 'security' | 'cves' | 'packages'>,
  { unread, record }: OvalErratum,
  platform: string,
  ledger: Ledger,
): void {
  if (!security && cves.length === 0) return;
  const known = new Set(packages.map(({ name }) => name));
  // What names no package is about some of the erratum's, if it has any.
  for (const about of unread)
    if (about.package === undefined ? known.size === 0 : !known.has(about.package))
      ledger.unread({ platforms: [platform], ...about }, record);
}

function joined<T>(lists: readonly (readonly T[])[]): T[] {
  return [...new Set(lists.flat())];
}

/** A release of feeds/ without a statement is a finding, and no platform: its images would look clean. */
function tellAbsent(release: AlmaLinuxRelease, { ledger }: SourceSink): void {
  ledger.doubt('release_absent', placeOf(release));
}

function placeOf({ major }: AlmaLinuxRelease): string {
  return `feeds/almalinux.json#${major}`;
}

/** The release that an erratum's own page is of, if it is not this one. */
function otherRelease({ page = '' }: Pick<Erratum, 'page'>, { major }: AlmaLinuxRelease): string | undefined {
  const [, told] = /\/(\d+)\/AL[A-Z]A-[^/]*$/.exec(page) ?? [];
  return told === major ? undefined : told;
}

function rowsOf({ packages, faults }: AlmaErratum): number {
  return Math.max(1, packages.length + faults.length);
}
