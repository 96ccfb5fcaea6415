import { endExpired } from '../../../fleet/store/waived-counts.ts';
import { listWaivers, requireOwner } from '../../../fleet/store/waivers.ts';
import { waiversCsv } from '../../../report/fleet/fleet-csv.ts';
import { waiversTable } from '../../../report/fleet/waivers-table.ts';
import { fleetWaiversOptions } from '../../../tasks/fleet/command-options.ts';
import { ownersGiven } from '../../../tasks/fleet/owners.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetWaiversOptions, output: outputs('fleet waivers') };

export const fleetWaivers = defineCommand({
  name: 'fleet waivers',
  operands: [],
  about: 'For waivers that have expired or were removed, it counts what they would cover today.',
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, or the fleet cannot be opened' },
  examples: ['scapfeed fleet waivers'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  return inFleet(given, terminal, async (database, now) => {
    await requireOwner(database, given.owner);
    await endExpired(database, now);
    const waivers = await listWaivers(database, now, ownersGiven(given.owner), { ended: given.all });
    await writeOutputs(terminal, given.output, {
      table: () => waiversTable(waivers),
      json: () => json(waivers),
      csv: () => waiversCsv(waivers),
    });
    return 0;
  });
}
