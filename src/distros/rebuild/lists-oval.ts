import type { Ledger, RecordSubject, UnreadRecord } from '../../model/index.ts';
import type { Download } from '../../sources/download.ts';
import type { Erratum, ErratumPackage } from '../../sources/errata/erratum.ts';
import { type OvalPatch, readPatches } from '../../sources/oval/read-patches.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import type { AdvisoryForm, ListsDefinition, RebuildData, RebuildRelease } from './definition.ts';

/** Compressed; that of AlmaLinux 8 has some 2 MB. */
const maxOvalBytes = 2 ** 26;

/** Between the rebuild's id and the release in the id of an input. */
const ovalPart = '-oval-';

export function isOval({ source, id }: Pick<SourceInput, 'source' | 'id'>): boolean {
  return id.startsWith(source + ovalPart);
}

/** The vendor's own OVAL of a release. Undefined: there is none. */
export function ovalInput(
  { major }: RebuildRelease,
  { rebuild, definition }: RebuildData<ListsDefinition>,
): Download | undefined {
  if (rebuild.oval === undefined || definition.oval === undefined) return undefined;
  return {
    source: rebuild.id,
    id: `${rebuild.id}${ovalPart}${major}`,
    url: `${definition.oval}/${rebuild.oval}-${major}.xml.bz2`,
    kind: 'packed',
    maxBytes: maxOvalBytes,
  };
}

/** Errata as the OVAL of a release has them, by id: an advisory may have several definitions. */
export type OvalErrata = ReadonlyMap<string, readonly OvalErratum[]>;

/** A package; `{}`: nobody knows which. */
export type OvalSubject = Pick<RecordSubject, 'package'>;

const notUnderstood = 'oval_not_understood';

export interface OvalErratum extends Erratum {
  /** `INPUT#DEFINITION` */
  place: string;
  /** Packages for which the definition has criteria that were not understood. */
  unread: readonly OvalSubject[];
  record: UnreadRecord;
}

/**
 * Reads the vendor's OVAL of a release; `newest`: date of its newest advisory; `unread`: what definitions without an
 * advisory are about. What of it no row can say is a finding with the definition's id.
 * @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
export async function readOvalErrata(
  input: SourceInput,
  store: SnapshotStore,
  ledger: Ledger,
  form: AdvisoryForm,
): Promise<{ errata: OvalErrata; newest: string | undefined; unread: [OvalSubject, UnreadRecord][] }> {
  const errata = new Map<string, OvalErratum[]>();
  const unread: [OvalSubject, UnreadRecord][] = [];
  let newest: string | undefined;
  for (const patch of await readPatches(store.open(input), store.path(input))) {
    const place = `${input.id}#${patch.id}`;
    for (const date of [patch.issued, patch.updated])
      if (date !== undefined && date > (newest ?? '')) newest = date;
    for (const fault of patch.faults) ledger.doubt(notUnderstood, place, fault);
    const erratum = erratumOf(patch, place, form);
    if (erratum === undefined) {
      const record = { reason: 'oval_without_advisory', where: place, detail: patch.title.slice(0, 80) };
      ledger.doubt(record.reason, place, record.detail);
      const names = new Set([...patch.rows.map((row) => row.name), ...patch.unread]);
      for (const about of subjectsOf([...names])) unread.push([about, record]);
    } else errata.set(erratum.id, [...(errata.get(erratum.id) ?? []), erratum]);
  }
  return {
    errata,
    newest: newest === undefined ? undefined : `${newest}T00:00:00.000Z`,
    unread,
  };
}

/** How many definitions there are, and of how many no row can be said. */
export async function checkedOval(
  body: AsyncIterable<Uint8Array>,
  where: string,
  form: AdvisoryForm,
): Promise<{ definitions: number; faults: number }> {
  const patches = await readPatches(body, where);
  const empty = patches.filter((patch) => patch.rows.length === 0 || advisoryOf(patch, form) === undefined);
  return { definitions: patches.length, faults: empty.length };
}

function erratumOf(patch: OvalPatch, place: string, form: AdvisoryForm): OvalErratum | undefined {
  const advisory = advisoryOf(patch, form);
  if (advisory === undefined) return undefined;
  const { id, title, description, severity, issued, references, rows, faults, unread } = patch;
  const date = Date.parse(issued ?? '');
  // `ALSA` is of security, `ALBA` a bug fix, `ALEA` an enhancement.
  const security = /^..S/.test(advisory.id);
  return {
    id: advisory.id,
    security,
    type: security ? 'security' : 'other',
    severity,
    title: title.replace(`${advisory.id}: `, ''),
    description,
    issued: Number.isNaN(date) ? undefined : date / 1000,
    page: advisory.url === '' ? undefined : advisory.url,
    cves: [...new Set(references.flatMap(({ source, id: cve }) => (source === 'CVE' ? [cve] : [])))],
    modules: [],
    packages: rows.flatMap(({ name, below, arch = ['noarch'], module }): ErratumPackage[] =>
      arch.map((of) => ({ name, evr: below, arch: of, module, pointer: id })),
    ),
    faults: [],
    place,
    unread: faults.length > 0 ? subjectsOf(unread) : [],
    record: { reason: notUnderstood, where: place, ...(faults[0] && { detail: faults[0] }) },
  };
}

function subjectsOf(names: readonly string[]): OvalSubject[] {
  return names.length === 0 ? [{}] : names.map((name) => ({ package: name }));
}

function advisoryOf(
  { references }: OvalPatch,
  form: AdvisoryForm,
): OvalPatch['references'][number] | undefined {
  return references.find(({ id, source }) => form.word.test(source) && form.id.test(id));
}
