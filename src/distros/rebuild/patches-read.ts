import { whileHeapGrowsSlowly } from '../../io/memory.ts';
import { requireShare } from '../../sources/errata/malformed-share.ts';
import { addErratum } from '../../sources/errata/statements.ts';
import { type OvalPatch, readPatches } from '../../sources/oval/read-patches.ts';
import type { SourceInput } from '../../sources/snapshots.ts';
import { type PatchesDefinition, platformId, type RebuildRelease } from './definition.ts';
import { FlawCollector } from './flaws.ts';
import {
  erratumOf,
  namesOf,
  newestOf,
  notUnderstood,
  ovalInput,
  type PatchForm,
  partPointer,
  patchForm,
  subjectsOf,
} from './patches.ts';
import { addRelease, type RebuildReading, reportAbsent } from './reading.ts';

/** Reads the OVAL and roster of every release in the snapshots. Each document is held whole, and is garbage when the next one is read. */
export function readPatchesOf(reading: RebuildReading<PatchesDefinition>): Promise<void> {
  return whileHeapGrowsSlowly(60, () => readReleases(reading));
}

async function readReleases(reading: RebuildReading<PatchesDefinition>): Promise<void> {
  const form = patchForm(reading.rebuild);
  for (const release of reading.definition.releases) {
    const wanted = ovalInput(release, reading)?.id;
    const input = reading.snapshots.find(({ id }) => id === wanted);
    if (input) await readRelease({ ...reading, release, input, form });
    else reportAbsent(release, reading);
  }
}

interface PatchReading extends RebuildReading<PatchesDefinition> {
  release: RebuildRelease;
  input: SourceInput;
  form: PatchForm;
}

async function readRelease(reading: PatchReading): Promise<void> {
  const { rebuild, release, input, store, out, definition, form } = reading;
  const usedBefore = out.ledger.used;
  const where = store.path(input);
  let [definitions, faults] = [0, 0];
  let newest: string | undefined;
  const flaws =
    rebuild.oval?.flaws &&
    new FlawCollector(rebuild.oval.flaws, { out, input, platform: platformId(rebuild, release) });
  for (const patch of await readPatches(store.open(input), where, form.class)) {
    definitions += 1;
    newest = newestOf(newest, patch);
    if (!(flaws ? flaws.take(patch) : addPatch(patch, reading))) faults += 1;
  }
  flaws?.write();
  requireShare(faults, definitions, definition, where);
  if (out.ledger.used === usedBefore) {
    reportAbsent(release, reading);
    return;
  }
  if (newest !== undefined) out.dated(input.id, `${newest}T00:00:00.000Z`);
  await addRelease(release, [input.id], reading, { flaws });
}

/** Each row of a definition is used or dropped; one without rows counts as one. False: nothing of it was understood. */
function addPatch(patch: OvalPatch, { rebuild, release, input, form, out }: PatchReading): boolean {
  const { ledger } = out;
  const platform = platformId(rebuild, release);
  const platforms = [platform];
  const place = `${input.id}#${patch.id}`;
  const erratum = erratumOf(patch, place, release.major, form);
  if (erratum === undefined) {
    const record = { reason: 'oval_without_advisory', where: place, detail: patch.title.slice(0, 80) };
    ledger.drop(record.reason, place, record.detail);
    for (const about of subjectsOf(namesOf(patch))) ledger.unread({ platforms, ...about }, record);
    return false;
  }
  const { id, packages, unexpressed, unread, record, named, elsewhere } = erratum;
  if (elsewhere > 0) ledger.drop('other_release', place, id, elsewhere);
  for (const [at, fault] of unexpressed.entries()) {
    if (packages.length === 0 && at === 0) ledger.drop(notUnderstood, place, fault);
    else ledger.doubt(notUnderstood, place, fault);
  }
  for (const about of unread) ledger.unread({ platforms, ...about }, record);
  if (named > 0) ledger.doubt('build_with_name', place, id, named);
  if (packages.length > 0) {
    const parts = form.address && { pointer: partPointer };
    addErratum(erratum, { input: input.id, place, platform, ...parts }, out);
  }
  return patch.rows.length > 0;
}
