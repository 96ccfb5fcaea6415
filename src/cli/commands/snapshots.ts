import { line } from '../../report/printable.ts';
import { plural, textTable, thousands } from '../../report/text-table.ts';
import { usage } from '../../tasks/given-words.ts';
import { snapshotsOptions } from '../../tasks/snapshots/options.ts';
import { type SnapshotReport, snapshotReport } from '../../tasks/snapshots/run.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { requireSnapshots, snapshotFolders } from '../options/snapshot-choice.ts';
import { json, outputs, writeOutputs } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';

const options = { ...snapshotsOptions, output: outputs('snapshots') };

export const snapshots = defineCommand({
  name: 'snapshots',
  operands: [],
  options,
  notes: `Listed feeds can be rebuilt with \`scapfeed validate FEED --rebuild\`. The newest feed of each set of sources is
kept: a build falls back on it if a vendor's data is broken. Without --snapshots and --mirror, all snapshot folders
at the default places are listed. \`build\` also prunes.`,
  examples: ['scapfeed snapshots --prune --keep 4'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const { prune, keep, days } = given;
  if (!prune && (keep ?? days) !== undefined) {
    throw usage('snapshots', '--keep and --days need --prune', 'add --prune');
  }
  requireSnapshots('snapshots', given);
  const stores: SnapshotReport[] = [];
  for (const folder of snapshotFolders(given, terminal.env))
    stores.push(await snapshotReport(folder, prune ? { keep, days } : undefined));
  await writeOutputs(terminal, given.output, { json: () => json({ stores }), table: () => table(stores) });
  return 0;
}

function table(stores: readonly SnapshotReport[]): string {
  if (stores.length === 0) return line('no snapshots: no build has fetched anything yet');
  return stores.map(storeText).join('\n');
}

function storeText({ store, feeds, removed }: SnapshotReport): string {
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
