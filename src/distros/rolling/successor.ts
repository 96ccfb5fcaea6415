import type { FetchContext, Source } from '../../sources/contract.ts';
import { downloadIfThere } from '../../sources/download.ts';
import { osvEvidence } from '../../sources/osv/read-records.ts';
import { secdbEvidence } from '../../sources/secdb/statements.ts';
import type { Snapshot } from '../../sources/snapshots.ts';
import type { RollingVendor } from '../rolling.ts';
import { archiveInput, type SuccessorDefinition, vendorSource } from './definition.ts';
import { fetchRolling, readRolling } from './read.ts';
import { checkedArchive, platformsOf, readArchive, vocabularyOf } from './records.ts';

/** OSV records of a vendor that is giving up its security database, which is read only while the archive of records is missing. */
export function successorSource(vendor: RollingVendor, definition: SuccessorDefinition): Source {
  const data = { vendor, definition };
  const archive = archiveInput(data).id;
  return {
    ...vendorSource(vendor),
    usualDays: definition.usualDays,
    platforms: platformsOf(data),
    fetch: (context) => fetchNewest(context, data),
    async read(snapshots, store, out) {
      if (snapshots.some((snapshot) => snapshot.id === archive))
        await readArchive(snapshots, store, out, data);
      else {
        const detail = `its security database is read, which is renewed until ${definition.secdbUntil} and has fixes alone`;
        out.ledger.doubt('input_absent', archive, detail);
        await readRolling(snapshots, store, out, data);
      }
    },
    evidence: (input, pointer, _, store) =>
      input.id === archive
        ? osvEvidence(input, pointer, store, vocabularyOf(data))
        : secdbEvidence(input, pointer, store),
  };
}

/** An archive that was there once stays in use: without it flaws without a fix would vanish. */
async function fetchNewest(
  context: FetchContext,
  data: { vendor: RollingVendor; definition: SuccessorDefinition },
): Promise<Snapshot[]> {
  const archive = await downloadIfThere(context, checkedArchive(data, context.store));
  if (archive === undefined) return fetchRolling(context, data);
  await context.store.retain(data.vendor.id, [archive]);
  return [archive];
}
