import { fleetStatus } from '../../../fleet/store/status.ts';
import { endExpired } from '../../../fleet/store/waived-counts.ts';
import { leavesOpen } from '../../../model/fleet/index.ts';
import { statusText } from '../../../report/fleet/status-text.ts';
import { fleetOptions } from '../../../tasks/fleet/command-options.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetOptions, output: outputs('fleet status') };

export const fleetStatusCommand = defineCommand({
  name: 'fleet status',
  operands: [],
  options,
  exitCodes: {
    0: 'the last run ended, with data that was not too old',
    2: 'wrong use, or the fleet cannot be opened',
    3: 'there was no run, the last one was interrupted, or its data was too old',
    4: 'the last run could not read or judge an image, or the fleet has none',
  },
  examples: ['scapfeed fleet status'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  return inFleet(given, terminal, async (database, now) => {
    await endExpired(database, now);
    const status = await fleetStatus(database, now);
    await writeOutputs(terminal, given.output, { table: () => statusText(status), json: () => json(status) });
    const summary = status.run?.summary;
    if (!summary || summary.stale.length > 0) return 3;
    return leavesOpen({ ...summary, names: status.names }) ? 4 : 0;
  });
}
