import { openDatabase } from '../../../fleet/store/open-database.ts';
import { addNames, addWatch } from '../../../fleet/store/watches.ts';
import { currentTime } from '../../../io/clock.ts';
import { plural } from '../../../report/text-table.ts';
import { type Arguments, defineCommand } from '../../command.ts';
import { fleetOptions, fleetPlace } from '../../options/fleet-store.ts';
import type { Terminal } from '../../terminal.ts';
import { usage } from '../../usage.ts';

const options = { ...fleetOptions };

export const fleetAdd = defineCommand({
  name: 'fleet add',
  operands: ['[REF...]'],
  about: `REF is what \`scapfeed scan\` takes for an image. Nothing is read yet: \`scapfeed fleet run\` does that.`,
  options,
  exitCodes: { 0: 'fine', 2: 'wrong use, or the fleet cannot be opened' },
  examples: ['scapfeed fleet add registry.example/app:1 registry.example/db:2'],
  run,
});

async function run(
  { options: given, operands: references }: Arguments<typeof options, ['[REF...]']>,
  terminal: Terminal,
): Promise<number> {
  if (references.length === 0) throw usage('fleet add', 'expected an image to keep an eye on, found none');
  const now = currentTime();
  const database = await openDatabase(fleetPlace(given.database, terminal.env), now);
  try {
    const added = await database.transaction(async (queries) => {
      let count = 0;
      for (const reference of references) {
        const { id } = await addWatch(queries, { kind: 'image', place: reference }, now);
        count += await addNames(queries, id, [reference], now);
      }
      return count;
    });
    const known = references.length - added;
    terminal.out(`added ${plural(added, 'image')}${known > 0 ? `, ${known} known before` : ''}\n`);
    return 0;
  } finally {
    await database.close();
  }
}
