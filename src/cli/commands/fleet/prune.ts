import { plural } from '../../../report/text-table.ts';
import { fleetPruneOptions } from '../../../tasks/fleet/command-options.ts';
import { pruneFleet } from '../../../tasks/fleet/prune.ts';
import { recordAct } from '../../../tasks/fleet/recorded-act.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';

export const fleetPrune = defineCommand({
  name: 'fleet prune',
  operands: [],
  about:
    'Deletes images that no name refers to any more, verdicts that no longer hold, and the news of old ' +
    'runs. Current data stays.',
  options: fleetPruneOptions,
  exitCodes: { 0: 'fine', 2: 'wrong use, or the fleet cannot be opened', 3: 'a run is active' },
  examples: ['scapfeed fleet prune --keep-for 90d'],
  run,
});

async function run(
  { options: given }: Arguments<typeof fleetPruneOptions, []>,
  terminal: Terminal,
): Promise<number> {
  return inFleet(given, terminal, async (database, now) => {
    const before = new Date(now.getTime() - given['keep-for']);
    const pruned = await pruneFleet(database, { before, runs: given['keep-runs'] });
    await recordAct(database, `fleet prune before ${before.toISOString()}`, now);
    const { images, packages, verdicts, runs } = pruned;
    terminal.out(
      `forgot ${plural(images, 'image')}, ${plural(packages, 'package')}, ${plural(verdicts, 'verdict')} that had ended, and ${plural(runs, 'run')}\n`,
    );
    return 0;
  });
}
