import { watchStatements } from '../../model/feed/index.ts';
import type { FetchContext, Source, SourceSink } from '../../sources/contract.ts';
import { download } from '../../sources/download.ts';
import { checkOsvArchive, osvEvidence, readOsvRecords } from '../../sources/osv/read-records.ts';
import type { Snapshot, SnapshotStore, SourceInput } from '../../sources/snapshots.ts';
import { archiveInput, type DhiDefinition, dhiDefinition, platformsOf } from './definition.ts';
import { vocabularyOf } from './vocabulary.ts';

export const definition = dhiDefinition;

/** Docker's advisories of the packages of its hardened images. */
export function createSource(from: DhiDefinition): Source {
  const platforms = platformsOf(from);
  const vocabulary = vocabularyOf(platforms);
  const tolerance = { ...from, mayBeEmpty: true };
  return {
    id: 'dhi',
    name: 'Docker Hardened Images advisories',
    licence: 'Apache-2.0',
    attribution: 'Docker, Inc. (https://github.com/docker-hardened-images/advisories)',
    unsealed: true,
    platforms,
    async fetch(context: FetchContext): Promise<Snapshot[]> {
      const { store } = context;
      const input = archiveInput(from);
      const snapshot = await download(context, {
        ...input,
        verify: (blob) => checkOsvArchive(blob, store, input.url, vocabulary, tolerance),
      });
      await store.retain('dhi', [snapshot]);
      return [snapshot];
    },
    async read(snapshots: readonly SourceInput[], store: SnapshotStore, out: SourceSink): Promise<void> {
      const input = snapshots.find(({ id }) => id === archiveInput(from).id);
      if (input === undefined) return;
      const stated = new Set<string>();
      const records = await readOsvRecords(
        input,
        store,
        watchStatements(out, ({ platform }) => stated.add(platform)),
        vocabulary,
        tolerance,
      );
      // Before the vendor publishes them, its images are not covered: a platform without a row would look clean.
      if (records === 0) out.ledger.doubt('archive_absent', input.id, 'no record of a package');
      else
        for (const platform of platforms)
          if (stated.has(platform.id))
            out.platform(platform, { inputs: [input.id], marks: ['no_package_list'] });
          else out.ledger.doubt('release_absent', `feeds/dhi.json#${platform.os.version}`);
    },
    evidence: (input, pointer, _, store) => osvEvidence(input, pointer, store, vocabulary),
  };
}

export const source: Source = createSource(definition);
