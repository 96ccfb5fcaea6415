import { exportInventories } from '../../../fleet/store/exports.ts';
import { safeJson } from '../../../report/safe-document.ts';
import { fleetOptions } from '../../../tasks/fleet/command-options.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inFleet } from '../../options/fleet-store.ts';
import { outputFile, writeResult } from '../../outputs.ts';
import type { Terminal } from '../../terminal.ts';

const options = { ...fleetOptions, output: outputFile('what is exported') };

export const fleetExport = defineCommand({
  name: 'fleet export',
  operands: ['[REF...]'],
  about: `Writes the inventories of all watched images, or of those named, as lines of JSON in the form of \`scapfeed inventory
-o json\`, which \`scapfeed fleet import\` reads.`,
  options,
  exitCodes: {
    0: 'fine',
    2: 'wrong use, or the fleet cannot be opened',
    4: 'there is no inventory of an image',
  },
  examples: ['scapfeed fleet export -o fleet.jsonl && scapfeed fleet import --database other fleet.jsonl'],
  run,
});

async function run(
  { options: given, operands: references }: Arguments<typeof options, ['[REF...]']>,
  terminal: Terminal,
): Promise<number> {
  return inFleet(given, terminal, async (database) => {
    const { inventories, missing } = await exportInventories(database, references);
    const lines = inventories.map((inventory) => safeJson(`${JSON.stringify(inventory)}\n`));
    const { output } = given;
    if (output === undefined || output === '-') terminal.document(lines.join(''));
    else writeResult(output, 'export', lines);
    for (const reference of missing) terminal.err(`there is no inventory of ${reference}`);
    return missing.length > 0 ? 4 : 0;
  });
}
