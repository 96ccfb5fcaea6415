import { openDatabase } from '../../../fleet/store/open-database.ts';
import { currentTime } from '../../../io/clock.ts';
import { plural } from '../../../report/text-table.ts';
import { pruneFleet, usualRetention } from '../../../tasks/fleet/prune.ts';
import { duration, number, withDefault } from '../../../tasks/option.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { fleetOptions, fleetPlace } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';

const options = {
  ...fleetOptions,
  'keep-for': withDefault(duration('how long old data is kept: 90d, 36h'), usualRetention.keepFor, '365d'),
  'keep-runs': withDefault(number('number of runs to keep, whatever their age'), usualRetention.keepRuns),
};

export const fleetPrune = defineCommand({
  name: 'fleet prune',
  operands: [],
  about:
    'Deletes images that no name refers to any more, verdicts that no longer hold, and the news of old ' +
    'runs. Current data stays.',
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, or the fleet cannot be opened', 3: 'a run is active' },
  examples: ['scapfeed fleet prune --keep-for 90d'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const now = currentTime();
  const database = await openDatabase(fleetPlace(given.database, terminal.env), now);
  try {
    const before = new Date(now.getTime() - given['keep-for']);
    const pruned = await pruneFleet(database, { before, runs: given['keep-runs'] });
    const { images, packages, verdicts, runs } = pruned;
    terminal.out(
      `forgot ${plural(images, 'image')}, ${plural(packages, 'package')}, ${plural(verdicts, 'verdict')} that had ended, and ${plural(runs, 'run')}\n`,
    );
    return 0;
  } finally {
    await database.close();
  }
}
