import { requireInventory } from '../../../fleet/store/given-inventory.ts';
import type { InventoryDocument } from '../../../fleet/store/images.ts';
import { importInventory } from '../../../fleet/store/imports.ts';
import { openDatabase } from '../../../fleet/store/open-database.ts';
import { currentTime } from '../../../io/clock.ts';
import { plural } from '../../../report/text-table.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { readGiven } from '../../fleet-images.ts';
import { text } from '../../option.ts';
import { fleetOptions, fleetPlace } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';
import { usage } from '../../usage.ts';
import { toolVersion } from '../../version.ts';

const options = {
  ...fleetOptions,
  name: text('NAME', 'the name of the inventory in the fleet (default: the reference in FILE)'),
};

export const fleetImport = defineCommand({
  name: 'fleet import',
  operands: ['FILE...'],
  about: `FILE is the output of \`scapfeed inventory -o json\`, from a host or from behind an air gap, or of \`scapfeed fleet
export\`; - for stdin. The next run judges it.`,
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, a file that is no inventory, or the fleet cannot be opened' },
  examples: ['scapfeed inventory / -o json | ssh watch scapfeed fleet import --name web1 -'],
  run,
});

async function run(
  { options: given, operands: files }: Arguments<typeof options, ['FILE...']>,
  terminal: Terminal,
): Promise<number> {
  const documents = files.flatMap(readInventories);
  if (given.name !== undefined && documents.length !== 1)
    throw usage('fleet import', `--name is for one inventory, found ${documents.length}`);
  const now = currentTime();
  const database = await openDatabase(fleetPlace(given.database, terminal.env), now);
  try {
    let changed = 0;
    for (const document of documents) {
      const reference = given.name ?? document.image.reference;
      const { isNew } = await database.transaction((queries) =>
        importInventory(queries, document, reference, now, `scapfeed ${toolVersion}`),
      );
      if (isNew) changed += 1;
    }
    terminal.out(
      `${plural(documents.length, 'inventory', 'inventories')} read, ${changed} of them other than before\n`,
    );
    return 0;
  } finally {
    await database.close();
  }
}

/** One document, or one a line. */
function readInventories(file: string): InventoryDocument[] {
  const given = readGiven(file);
  const whole = parsed(given);
  const parts = whole === undefined ? given.split('\n').filter((line) => line.trim() !== '') : [];
  const found = whole === undefined ? parts.map(parsed) : [whole];
  return found.map((document, at) =>
    requireInventory(document, parts.length > 0 ? `${file}:${at + 1}` : file),
  );
}

function parsed(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}
