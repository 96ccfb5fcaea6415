import type { FeedInput } from '../../model/index.ts';
import { plural } from '../../report/text-table.ts';
import { path, required } from '../../tasks/option.ts';
import { rebuildFeed } from '../../tasks/rebuild/run.ts';
import { type Arguments, defineCommand } from '../command.ts';
import { snapshotOptions, snapshotsWith } from '../options/snapshot-choice.ts';
import type { Terminal } from '../terminal.ts';

const options = {
  verify: required(path('FEED', 'the feed directory to rebuild'), 'specify the feed directory to rebuild'),
  ...snapshotOptions,
};

export const rebuild = defineCommand({
  name: 'rebuild',
  operands: [],
  options,
  isLong: true,
  mainOption: 'verify',
  notes: `Without --snapshots and --mirror, all snapshot folders at the default places are searched. \`build\` keeps
the snapshots of the last feeds (\`build --keep N\`); \`scapfeed snapshots\` lists them.`,
  exitCodes: {
    0: 'all files are identical',
    2: 'wrong use',
    3: 'a snapshot is missing, or a file differs, is gone or does not belong to the feed',
  },
  examples: ['scapfeed rebuild --verify out'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const { verify: feed } = given;
  const storeOf = (inputs: readonly FeedInput[]) => snapshotsWith(inputs, given, terminal.env);
  const { files, snapshots } = await rebuildFeed(feed, storeOf, terminal.progress);
  terminal.out(
    `${feed}: ${plural(files, 'file')} rebuilt from ${plural(snapshots, 'snapshot')}, every byte the same\n`,
  );
  return 0;
}
