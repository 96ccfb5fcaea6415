import type { Ledger } from '../../../model/index.ts';
import type { Erratum, ErratumPackage } from '../../../sources/errata/erratum.ts';
import { type OvalPatch, readPatches } from '../../../sources/oval/read-patches.ts';
import type { SnapshotStore, SourceInput } from '../../../sources/snapshots.ts';

/** Errata as the OVAL of a release has them, by id: an advisory may have several definitions. */
export type OvalErrata = ReadonlyMap<string, readonly OvalErratum[]>;

export interface OvalErratum extends Erratum {
  /** `INPUT#DEFINITION` */
  place: string;
  /** Packages about which the definition says more than was understood. */
  unread: readonly string[];
}

/**
 * Reads the vendor's OVAL of a release; `newest`: date of its newest advisory; `unread`: packages of definitions without an
 * advisory. What of it no row can say is a finding with the definition's id.
 * @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
export async function readOvalErrata(
  input: SourceInput,
  store: SnapshotStore,
  ledger: Ledger,
): Promise<{ errata: OvalErrata; newest: string | undefined; unread: string[] }> {
  const errata = new Map<string, OvalErratum[]>();
  const unread = new Set<string>();
  let newest: string | undefined;
  for (const patch of await readPatches(store.open(input), store.path(input))) {
    const place = `${input.id}#${patch.id}`;
    for (const date of [patch.issued, patch.updated])
      if (date !== undefined && date > (newest ?? '')) newest = date;
    for (const fault of patch.faults) ledger.doubt('oval_not_understood', place, fault);
    const erratum = erratumOf(patch, place);
    if (erratum === undefined) {
      ledger.doubt('oval_without_advisory', place, patch.title.slice(0, 80));
      for (const name of [...patch.rows.map((row) => row.name), ...patch.unread]) unread.add(name);
    } else errata.set(erratum.id, [...(errata.get(erratum.id) ?? []), erratum]);
  }
  return {
    errata,
    newest: newest === undefined ? undefined : `${newest}T00:00:00.000Z`,
    unread: [...unread],
  };
}

/** How many definitions there are, and of how many no row can be said. */
export async function checkedOval(
  body: AsyncIterable<Uint8Array>,
  where: string,
): Promise<{ definitions: number; faults: number }> {
  const patches = await readPatches(body, where);
  const empty = patches.filter((patch) => patch.rows.length === 0 || advisoryOf(patch) === undefined);
  return { definitions: patches.length, faults: empty.length };
}

function erratumOf(patch: OvalPatch, place: string): OvalErratum | undefined {
  const advisory = advisoryOf(patch);
  if (advisory === undefined) return undefined;
  const { id, title, description, severity, issued, references, rows, unread } = patch;
  const date = Date.parse(issued ?? '');
  return {
    id: advisory.id,
    security: advisory.id.startsWith('ALSA-'),
    type: advisory.id.startsWith('ALSA-') ? 'security' : 'other',
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
    unread,
  };
}

function advisoryOf({ references }: OvalPatch): OvalPatch['references'][number] | undefined {
  return references.find(
    ({ id, source }) => /^AL[A-Z]A$/.test(source) && /^AL[A-Z]A-\d{4}:[A-Z]?\d+$/.test(id),
  );
}
