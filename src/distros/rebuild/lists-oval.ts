import type { Ledger, UnreadRecord } from '../../model/index.ts';
import { readPatches } from '../../sources/oval/read-patches.ts';
import type { SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import {
  erratumOf,
  namesOf,
  newestOf,
  notUnderstood,
  type OvalErratum,
  type OvalSubject,
  type PatchForm,
  subjectsOf,
} from './patches.ts';

/** Errata as the OVAL of a release has them, by id: an advisory may have several definitions. */
export type OvalErrata = ReadonlyMap<string, readonly OvalErratum[]>;

/**
 * Reads the vendor's OVAL of a release; `newest`: date of its newest advisory; `unread`: what definitions without an
 * advisory are about. What of it no row can say is a finding with the definition's id.
 * @throws SOURCE_MALFORMED, SOURCE_TOO_LARGE
 */
export async function readOvalErrata(
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
    for (const fault of erratum?.unsaid ?? patch.faults) ledger.doubt(notUnderstood, place, fault);
    if (erratum === undefined) {
      const record = { reason: 'oval_without_advisory', where: place, detail: patch.title.slice(0, 80) };
      ledger.doubt(record.reason, place, record.detail);
      for (const about of subjectsOf(namesOf(patch))) unread.push([about, record]);
    } else errata.set(erratum.id, [...(errata.get(erratum.id) ?? []), erratum]);
  }
  return {
    errata,
    newest: newest === undefined ? undefined : `${newest}T00:00:00.000Z`,
    unread,
  };
}
