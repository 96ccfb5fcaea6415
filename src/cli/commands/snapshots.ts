import { line } from '../../report/printable.ts';
import { plural, textTable, thousands } from '../../report/text-table.ts';
import { defaultKeep, sourcesOf } from '../../sources/kept-feeds.ts';
import { openSnapshotStore, type Pruned, type SourceInput } from '../../sources/snapshots.ts';
import { type Arguments, type Command, usage, wholeNumber } from '../command.ts';
import {
  requireSnapshots,
  snapshotFolders,
  snapshotHelp,
  snapshotOptions,
} from '../options/snapshot-choice.ts';
import { outputChoices, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

export const snapshots: Command = {
  name: 'snapshots',
  synopsis: '[OPTIONS]',
  summary: 'list the feeds whose vendor documents are kept, and remove those of old ones',
  help: `${snapshotHelp}  --prune            remove what no kept feed and no current fetch needs
  --keep N           with --prune: feeds that stay, of each choice of sources (default ${defaultKeep.feeds})
  --days N           with --prune: none older than these days stays but the newest (default ${defaultKeep.days})
  -o FORMAT[=FILE]   table (default) or json; repeatable

A feed that is listed can be made again with \`scapfeed rebuild --verify\`. The newest of each choice of sources always stays: a
build falls back on it when a vendor is broken. Without --snapshots and --mirror all stores at their default places are
listed. \`build\` prunes by itself.

Example:
  scapfeed snapshots --prune --keep 4
`,
  options: {
    ...snapshotOptions,
    prune: { type: 'boolean' },
    keep: { type: 'string' },
    days: { type: 'string' },
    output: { type: 'string', short: 'o', multiple: true },
  },
  positionals: { min: 0, max: 0 },
  run,
};

/** A store, with the feeds that can be made again from it. */
interface StoreReport {
  store: string;
  feeds: FeedReport[];
  /** With --prune: what was removed. */
  removed?: Pruned & { feeds: number };
}

interface FeedReport {
  built: string;
  sources: string[];
  inputs: number;
  /** Bytes of the inputs; feeds share those that did not change. */
  size: number;
}

async function run({ values }: Arguments, terminal: Terminal): Promise<number> {
  const outputs = outputChoices(snapshots, values['output'] as string[] | undefined, ['table', 'json']);
  const prune = values['prune'] === true;
  if (!prune && (values['keep'] ?? values['days']) !== undefined) {
    throw usage(snapshots, '--keep and --days say what --prune leaves', 'add --prune');
  }
  const limits = {
    feeds: wholeNumber(snapshots, values, 'keep', defaultKeep.feeds),
    days: wholeNumber(snapshots, values, 'days', defaultKeep.days),
  };
  requireSnapshots(snapshots, values);
  const stores: StoreReport[] = [];
  for (const folder of snapshotFolders(values, terminal.env)) {
    const store = openSnapshotStore(folder);
    const forgotten = prune ? await store.forgetFeeds(limits) : 0;
    const removed = prune ? { removed: { feeds: forgotten, ...(await store.prune()) } } : {};
    const feeds = (await store.feeds()).map((feed) => ({
      built: feed.built,
      sources: sourcesOf(feed),
      inputs: feed.inputs.length,
      size: sizeOf(feed.inputs),
    }));
    stores.push({ store: folder, feeds, ...removed });
  }
  writeOutputs(terminal, outputs, (format) =>
    format === 'json' ? `${JSON.stringify({ stores }, undefined, 2)}\n` : table(stores),
  );
  return 0;
}

function sizeOf(inputs: readonly SourceInput[]): number {
  return inputs.reduce((sum, { size }) => sum + size, 0);
}

function table(stores: readonly StoreReport[]): string {
  if (stores.length === 0) return line('no snapshots: no build has fetched anything yet');
  return stores.map(storeText).join('\n');
}

function storeText({ store, feeds, removed }: StoreReport): string {
  const rows = feeds.map(({ built, sources, inputs, size }) => [
    `${built.slice(0, 16).replace('T', ' ')} UTC`,
    sources.join(', '),
    String(inputs),
    `${thousands(Math.ceil(size / 1000))} kB`,
  ]);
  return [
    line(`${store}: ${plural(feeds.length, 'feed')} can be made again`),
    ...(rows.length > 0 ? [textTable(['LAST BUILT', 'SOURCES', 'INPUTS', 'SIZE'], rows)] : []),
    removed
      ? line(
          `removed: ${plural(removed.feeds, 'feed')}, ${plural(removed.files, 'file')} of ${thousands(Math.ceil(removed.bytes / 1000))} kB`,
        )
      : '',
  ].join('');
}
