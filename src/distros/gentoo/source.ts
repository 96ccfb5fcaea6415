import type { EvidenceDocument, FetchContext, Source, SourceInput } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import { noErrata, requireShare } from '../../sources/errata/malformed-share.ts';
import type { Snapshot, SnapshotStore } from '../../sources/snapshots.ts';
import { glsaFiles, readGlsas } from './archive.ts';
import {
  archiveInput,
  type GentooDefinition,
  gentooDefinition,
  gentooPlatform,
  sourceId,
} from './definition.ts';
import { affectedPackages, noAffected } from './glsa.ts';
import { readGentoo } from './read.ts';

export { gentooDefinition as definition } from './definition.ts';

/** Gentoo's security advisories. */
export function createSource(definition: GentooDefinition): Source {
  return {
    id: sourceId,
    name: 'Gentoo Linux Security Advisories',
    licence: 'CC-BY-SA',
    unsealed: true,
    attribution: 'Gentoo Foundation, Gentoo Linux Security Team (https://security.gentoo.org/glsa)',
    platforms: [gentooPlatform],
    fetch: (context) => fetchGentoo(context, definition),
    read: (snapshots, store, out) => readGentoo(snapshots, store, out, definition),
    evidence: (input, pointer, _, store) => evidence(input, pointer, store),
  };
}

export const source: Source = createSource(gentooDefinition);

/** A new archive is used only if all but a few of its advisories can be read: otherwise the last good one stays. */
async function fetchGentoo(context: FetchContext, definition: GentooDefinition): Promise<Snapshot[]> {
  const { store } = context;
  const input = archiveInput(definition);
  const snapshot = await download(context, {
    ...input,
    verify: async (blob) => {
      let count = 0;
      let faults = 0;
      let isUsable = false;
      for await (const { read } of readGlsas(store.open(blob), input.url)) {
        count += 1;
        if ('message' in read) faults += 1;
        else isUsable ||= affectedPackages(read).length > 0;
      }
      if (count === 0) throw noErrata('advisories', input.url);
      requireShare(faults, count, definition, input.url);
      if (!isUsable) throw noAffected(count, input.url);
    },
  });
  await store.retain(sourceId, [snapshot]);
  return [snapshot];
}

/** The file of an advisory by its id. */
async function evidence(
  input: SourceInput,
  id: string,
  store: SnapshotStore,
): Promise<EvidenceDocument | undefined> {
  const wanted = `${id.replace(/^GLSA/, 'glsa')}.xml`;
  for await (const { name, path, content } of glsaFiles(store.open(input), store.path(input)))
    if (name === wanted) return { place: `${input.url}, file ${path}`, bytes: content, pointer: '' };
  return undefined;
}
