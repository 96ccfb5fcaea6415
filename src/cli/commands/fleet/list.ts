import type { ListChoice } from '../../../fleet/store/list.ts';
import { currentTime } from '../../../io/clock.ts';
import { namesCsv } from '../../../report/fleet/fleet-csv.ts';
import { fleetTable } from '../../../report/fleet/list-table.ts';
import { fleetListOptions } from '../../../tasks/fleet/command-options.ts';
import { readList } from '../../../tasks/fleet/list.ts';
import { usage } from '../../../tasks/given-words.ts';
import type { OptionValues } from '../../../tasks/option.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet } from '../../options/fleet-store.ts';
import { json, outputs, writeOutputs } from '../../outputs.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetListOptions, output: outputs('fleet list') };

export const fleetList = defineCommand({
  name: 'fleet list',
  operands: [],
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, or the fleet cannot be opened' },
  examples: ['scapfeed fleet list', "scapfeed fleet list --owner 'Payments*' --older-than 90d"],
  run,
});

async function run({ options: given }: Arguments<typeof options, []>, terminal: Terminal): Promise<number> {
  const now = currentTime();
  const choice = chosen(given, now);
  return inFleet(given, terminal, async (database) => {
    const { names, why } = await readList(database, now, choice, '--overdue');
    await writeOutputs(terminal, given.output, {
      table: () => fleetTable(names, why),
      json: () => json(names),
      csv: () => namesCsv(names),
    });
    return 0;
  });
}

function chosen(
  { 'older-than': age, 'fixed-before': fixed, overdue, owner, label }: OptionValues<typeof options>,
  now: Date,
): ListChoice {
  const labels = label?.map((given) => {
    const at = given.indexOf('=');
    if (at > 0) return [given.slice(0, at), given.slice(at + 1)] as const;
    throw usage('fleet list', `--label: expected NAME=VALUE, found ${given}`, "write it as team='payments*'");
  });
  return {
    ...(age !== undefined && { readUntil: new Date(now.getTime() - age) }),
    ...(fixed !== undefined && { fixedUntil: new Date(now.getTime() - fixed) }),
    ...(overdue && { overdue }),
    ...(owner !== undefined && { owner }),
    ...(labels && { labels }),
  };
}
