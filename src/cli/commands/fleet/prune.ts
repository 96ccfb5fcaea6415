import { openDatabase } from '../../../fleet/store/open-database.ts';
import { prune } from '../../../fleet/store/prune.ts';
import { currentTime } from '../../../io/clock.ts';
import { ScapfeedError } from '../../../model/index.ts';
import { plural } from '../../../report/text-table.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { duration, number, withDefault } from '../../option.ts';
import { fleetOptions, fleetPlace } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';

const year = 365 * 86_400_000;

const options = {
  ...fleetOptions,
  'keep-for': withDefault(duration('how long old data is kept: 90d, 36h'), year, '365d'),
  'keep-runs': withDefault(number('number of runs that are kept whatever their age'), 30),
};

export const fleetPrune = defineCommand({
  name: 'fleet prune',
  operands: [],
  about:
    'Deletes images that no name refers to any more, verdicts that no longer hold, and the news of old ' +
    'runs. Current data stays.',
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, or the fleet cannot be opened', 3: 'a run is at work' },
  examples: ['scapfeed fleet prune --keep-for 90d'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const now = currentTime();
  const database = await openDatabase(fleetPlace(given.database, terminal.env), now);
  try {
    const before = new Date(now.getTime() - given['keep-for']);
    const pruned = await database.alone('run', () => prune(database, { before, runs: given['keep-runs'] }));
    if (!pruned) {
      throw new ScapfeedError({
        code: 'FEED_LOCKED',
        message: 'another process runs this fleet now',
        where: database.place,
        remedy: 'wait for it to end',
      });
    }
    const { images, packages, verdicts, runs } = pruned;
    terminal.out(
      `forgot ${plural(images, 'image')}, ${plural(packages, 'package')}, ${plural(verdicts, 'verdict')} that had ended, and ${plural(runs, 'run')}\n`,
    );
    return 0;
  } finally {
    await database.close();
  }
}
