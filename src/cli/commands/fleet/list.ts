import { listNames } from '../../../fleet/store/list.ts';
import { openDatabase } from '../../../fleet/store/open-database.ts';
import { endExpired } from '../../../fleet/store/waived-counts.ts';
import { currentTime } from '../../../io/clock.ts';
import { namesCsv } from '../../../report/fleet/fleet-csv.ts';
import { fleetTable } from '../../../report/fleet/list-table.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { fleetOptions, fleetPlace } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetOptions, output: outputs('fleet list') };

export const fleetList = defineCommand({
  name: 'fleet list',
  operands: [],
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, or the fleet cannot be opened' },
  examples: ['scapfeed fleet list'],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const now = currentTime();
  const database = await openDatabase(fleetPlace(given.database, terminal.env), now);
  try {
    await endExpired(database, now);
    const names = await listNames(database);
    await writeOutputs(terminal, given.output, {
      table: () => fleetTable(names),
      json: () => json(names),
      csv: () => namesCsv(names),
    });
    return 0;
  } finally {
    await database.close();
  }
}
