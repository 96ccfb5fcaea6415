import { plural } from '../../../report/text-table.ts';
import { fleetImportOptions } from '../../../tasks/fleet/command-options.ts';
import { importInventories, readInventories } from '../../../tasks/fleet/import.ts';
import { inParts, readGiven } from '../../../tasks/fleet/read-given.ts';
import { recordAct } from '../../../tasks/fleet/recorded-act.ts';
import { usage } from '../../../tasks/given-words.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { inNewFleet } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';

export const fleetImport = defineCommand({
  name: 'fleet import',
  operands: ['FILE...'],
  about: `FILE is the output of \`scapfeed inventory -o json\` or \`scapfeed fleet export\`; - for stdin. The next run
judges it.`,
  options: fleetImportOptions,
  exitCodes: { 0: 'fine', 2: 'wrong use, a file that is no inventory, or the fleet cannot be opened' },
  examples: ['scapfeed inventory / -o json | ssh watch scapfeed fleet import --name web1 -'],
  run,
});

async function run(
  { options: given, operands: files }: Arguments<typeof fleetImportOptions, ['FILE...']>,
  terminal: Terminal,
): Promise<number> {
  const documents = files.flatMap((file) => readInventories(readGiven(file, inParts), file));
  if (given.name !== undefined && documents.length !== 1)
    throw usage('fleet import', `--name is for one inventory, found ${documents.length}`);
  return inNewFleet(given, terminal, async (database, now) => {
    const { read, changed } = await importInventories(database, documents, { name: given.name, now });
    await recordAct(database, `fleet import ${given.name ?? files.join(' ')}`, now);
    terminal.out(`${plural(read, 'inventory', 'inventories')} read, ${changed} of them new or changed\n`);
    return 0;
  });
}
