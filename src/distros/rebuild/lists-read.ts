import type { Ledger, UnreadRecord } from '../../model/feed/index.ts';
import type { EvidenceDocument, SourceSink } from '../../sources/contract.ts';
import { type Erratum, rowsOf } from '../../sources/errata/erratum.ts';
import { requireShare } from '../../sources/errata/malformed-share.ts';
import { addErratum } from '../../sources/errata/statements.ts';
import { type Addition, KnownErratum } from '../../sources/errata/union.ts';
import { readPatches } from '../../sources/oval/read-patches.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { type ListsDefinition, platformId, type RebuildRelease } from './definition.ts';
import { errataInput, erratumText, readErrata } from './lists.ts';
import {
  erratumOf,
  isOval,
  namesOf,
  newestOf,
  notUnderstood,
  type OvalErratum,
  type OvalSubject,
  ovalInput,
  type PatchForm,
  patchEvidence,
  patchForm,
  subjectsOf,
} from './patches.ts';
import { addRelease, placeOf, type RebuildReading, reportAbsent } from './reading.ts';

/** Reads the errata, OVAL and roster of every release in the snapshots. An advisory has the packages and CVEs of both documents. */
export async function readLists(reading: RebuildReading<ListsDefinition>): Promise<void> {
  const form = patchForm(reading.rebuild);
  for (const release of reading.definition.releases) {
    const { id } = errataInput(release, reading);
    const input = reading.snapshots.find((snapshot) => snapshot.id === id);
    if (input) await readRelease({ ...reading, release, input, form });
    else reportAbsent(release, reading);
  }
}

interface ReleaseReading extends RebuildReading<ListsDefinition> {
  release: RebuildRelease;
  input: SourceInput;
  form: PatchForm;
}

async function readRelease(reading: ReleaseReading): Promise<void> {
  const { rebuild, release, input, form, store, out, known, definition } = reading;
  const { ledger } = out;
  const where = store.path(input);
  const usedBefore = ledger.used;
  const platform = platformId(rebuild, release);
  const oval = await ovalOf(reading);
  let errata = 0;
  let faults = 0;
  let newest = 0;
  const listed = new Set<string>();
  for await (const read of readErrata(store.open(input), where, form.id)) {
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
    const other = otherRelease(erratum, reading);
    if (other !== undefined) {
      faults += 1;
      ledger.drop('other_release', place, `${erratum.id} of ${rebuild.name} ${other}`, rowsOf(erratum));
      continue;
    }
    newest = Math.max(newest, erratum.issued ?? 0, erratum.updated ?? 0);
    const first = new KnownErratum(erratum);
    const more = (oval.errata.get(erratum.id) ?? []).map((each) => ({
      oval: each,
      ...first.additionOf(each),
    }));
    const whole = { ...erratum, cves: joined([erratum.cves, ...more.map(({ cves }) => cves)]) };
    known.add(release.major, {
      ...whole,
      packages: joined([erratum.packages, ...more.map(({ packages }) => packages)]),
    });
    addErratum(whole, { input: input.id, place, platform }, out);
    addMorePackages(whole, more, platform, out);
    const named = new Set(whole.packages.map(({ name }) => name));
    for (const each of more) addUnread(whole, named, each.oval, platform, ledger);
    if (oval.input && more.length === 0 && erratum.security) ledger.doubt('not_in_oval', place, erratum.id);
    listed.add(erratum.id);
  }
  requireShare(faults, errata, definition, where);
  for (const of of oval.errata.values()) {
    for (const erratum of of) {
      if (listed.has(erratum.id)) continue;
      ledger.doubt('oval_only', erratum.place, erratum.id);
      known.add(release.major, erratum);
      addErratum(erratum, { input: oval.input!, place: erratum.place, platform }, out);
      addUnread(erratum, new Set(), erratum, platform, ledger);
    }
  }
  if (ledger.used === usedBefore) {
    reportAbsent(release, reading);
    return;
  }
  if (newest > 0) out.dated(input.id, new Date(newest * 1000).toISOString());
  const inputs = oval.input === undefined ? [input.id] : [input.id, oval.input];
  await addRelease(release, inputs, reading, { marks: oval.isAbsent ? ['oval_absent'] : [] });
}

/** Errata of the vendor's OVAL, by advisory. Without the OVAL there are none, and the release has a finding and a mark. */
async function ovalOf(reading: ReleaseReading): Promise<{
  input: string | undefined;
  isAbsent?: true;
  errata: OvalErrata;
}> {
  const { rebuild, release, form, snapshots, store, out } = reading;
  const wanted = ovalInput(release, reading);
  const input = wanted && snapshots.find(({ id }) => id === wanted.id);
  if (!input) {
    if (wanted) out.ledger.doubt('oval_absent', placeOf(release, reading));
    return { input: undefined, ...(wanted && { isAbsent: true }), errata: new Map() };
  }
  const { errata, newest, unread } = await readOvalErrata(input, store, out.ledger, release.major, form);
  const platforms = [platformId(rebuild, release)];
  for (const [about, record] of unread) out.ledger.unread({ platforms, ...about }, record);
  if (newest !== undefined) out.dated(input.id, newest);
  return { input: input.id, errata: ofRelease(errata, reading) };
}

function ofRelease(errata: OvalErrata, reading: ReleaseReading): OvalErrata {
  const { rebuild, out } = reading;
  const own = [...errata].map(([id, of]): [string, readonly OvalErratum[]] => [
    id,
    of.filter((erratum) => {
      const other = otherRelease(erratum, reading);
      if (other !== undefined)
        out.ledger.doubt('oval_other_release', erratum.place, `${id} of ${rebuild.name} ${other}`);
      else if (erratum.elsewhere > 0)
        out.ledger.doubt('oval_other_release', erratum.place, id, erratum.elsewhere);
      return other === undefined;
    }),
  ]);
  return new Map(own.filter(([, of]) => of.length > 0));
}

/** The packages of an advisory that its OVAL alone has, and how else the two differ. */
function addMorePackages(
  erratum: Erratum,
  more: readonly ({ oval: OvalErratum } & Addition)[],
  platform: string,
  out: SourceSink,
): void {
  const { ledger } = out;
  for (const { oval, cves, packages, otherBuilds } of more) {
    const { id, place } = oval;
    const few = (words: readonly string[]) => `${id}: ${words.slice(0, 8).join(', ')}`;
    if (cves.length > 0) ledger.doubt('oval_names_more', place, few(cves));
    if (otherBuilds.length > 0)
      ledger.doubt('oval_fixed_differs', place, few(otherBuilds), otherBuilds.length);
    const names = joined([packages.map(({ name }) => name)]);
    if (names.length > 0) ledger.doubt('oval_has_more_packages', place, few(names), names.length);
  }
  const packages = more.flatMap((each) => each.packages);
  if (packages.length === 0) return;
  const { place } = more.find((each) => each.packages.length > 0)!.oval;
  const input = place.slice(0, place.indexOf('#'));
  addErratum({ ...erratum, packages, modules: [], faults: [] }, { input, place, platform }, out);
}

/**
 * A definition that was not wholly understood leaves no clean result for its packages, unless the erratum itself has them: it
 * decides about those. An update that fixes no flaw says nothing of them.
 */
function addUnread(
  { security, cves }: Pick<Erratum, 'security' | 'cves'>,
  known: ReadonlySet<string>,
  { unread, record }: OvalErratum,
  platform: string,
  ledger: Ledger,
): void {
  if (!security && cves.length === 0) return;
  // An entry without a package is about one of the erratum's packages, if it has any.
  for (const about of unread)
    if (about.package === undefined ? known.size === 0 : !known.has(about.package))
      ledger.unread({ platforms: [platform], ...about }, record);
}

function joined<T>(lists: readonly (readonly T[])[]): T[] {
  return [...new Set(lists.flat())];
}

/** The release that an erratum's own page is of, if it is not this one. */
function otherRelease(
  { page = '' }: Pick<Erratum, 'page'>,
  { form, release: { major } }: ReleaseReading,
): string | undefined {
  const [, listed] = form.page.exec(page) ?? [];
  return listed === major ? undefined : listed;
}

/** An erratum, or a definition of the OVAL, by the id of the advisory. The document may have a hundred megabytes. */
export async function listEvidence(
  input: SourceInput,
  pointer: string,
  _: readonly SourceInput[],
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  if (isOval(input)) return patchEvidence(input, pointer, store);
  const erratum = await erratumText(store.open(input), store.path(input), pointer);
  return (
    erratum && {
      place: `${input.url}#/data/${erratum.at}`,
      bytes: Buffer.from(erratum.item),
      pointer: '',
    }
  );
}

/** Errata as the OVAL of a release has them, by id: an advisory may have several definitions. */
type OvalErrata = ReadonlyMap<string, readonly OvalErratum[]>;

/**
 * Reads the vendor's OVAL of a release; `newest`: date of its newest advisory; `unread`: what definitions without an
 * advisory are about. What of it no row can say is a finding with the definition's id.
 * @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
async function readOvalErrata(
  input: SourceInput,
  store: SnapshotStore,
  ledger: Ledger,
  major: string,
  form: PatchForm,
): Promise<{ errata: OvalErrata; newest: string | undefined; unread: [OvalSubject, UnreadRecord][] }> {
  const errata = new Map<string, OvalErratum[]>();
  const unread: [OvalSubject, UnreadRecord][] = [];
  let newest: string | undefined;
  for (const patch of await readPatches(store.open(input), store.path(input))) {
    const place = `${input.id}#${patch.id}`;
    newest = newestOf(newest, patch);
    const erratum = erratumOf(patch, place, major, form);
    for (const fault of erratum?.unexpressed ?? patch.faults) ledger.doubt(notUnderstood, place, fault);
    if (erratum === undefined) {
      const record = { reason: 'oval_without_advisory', where: place, detail: patch.title.slice(0, 80) };
      ledger.doubt(record.reason, place, record.detail);
      for (const about of subjectsOf(namesOf(patch))) unread.push([about, record]);
    } else {
      const known = errata.get(erratum.id);
      if (known) known.push(erratum);
      else errata.set(erratum.id, [erratum]);
    }
  }
  return {
    errata,
    newest: newest === undefined ? undefined : `${newest}T00:00:00.000Z`,
    unread,
  };
}
